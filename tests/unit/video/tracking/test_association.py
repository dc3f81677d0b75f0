"""The best path follows one person through candidates."""

from pushoff.video.tracking.association import (
    Blob,
    best_path,
    second_person_path,
    single_person_path,
)

WIDTH = 320


def person(x: float, area: float = 400.0) -> Blob:
    return Blob(x, 60.0, 14.0, 40.0, area)


def test_the_larger_of_two_crossing_people_is_followed() -> None:
    """One goes right, a smaller one goes left; the path never changes over."""
    frames = [[person(10 + 5 * k), person(290 - 5 * k, 150.0)] for k in range(40)]
    path = best_path(frames, WIDTH)
    assert [blob.x for blob in path if blob] == [10 + 5 * k for k in range(40)]
    second = second_person_path(frames, path, WIDTH)
    assert {blob.area for blob in second if blob} == {150.0}


def test_a_single_flash_elsewhere_is_not_part_of_a_path() -> None:
    """A jump across the image and back costs more than the flash is worth."""
    frames = [[person(10 + 4 * k)] for k in range(20)]
    frames[10] = [person(300)]
    path = best_path(frames, WIDTH)
    assert path[10] is None
    assert all(path[:10]) and all(path[11:])


def test_nobody_jumps_between_two_places() -> None:
    """Of two people seen one after the other, the one seen longer is kept."""
    path = [person(10 + 4 * k) for k in range(20)] + [person(300) for _ in range(5)]
    kept = single_person_path(path, WIDTH)
    assert all(kept[:20])
    assert not any(kept[20:])


def test_without_candidates_there_is_nobody() -> None:
    """Every frame of the path is None."""
    assert best_path([[], [], []], WIDTH) == [None] * 3
    assert single_person_path([None, None], WIDTH) == [None, None]
