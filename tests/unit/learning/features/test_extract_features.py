import numpy as np
import pytest

from pushoff.errors import BadInput, VideoRefused
from pushoff.events.body import HIPS, TOES
from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.features.extract_features import (
    extract_features,
    features_key,
    load_or_extract,
    load_stored,
)
from pushoff.learning.features.feature_extractor import MIRRORED, PLAIN
from pushoff.learning.features.video_features import VIEWS, features_from_bytes
from pushoff.storage.object_store import Storage
from pushoff.synthetic.render import DrillSpec, render_drill
from pushoff.util.file_digest import sha256_of
from pushoff.values import Exercise
from pushoff.video.pose import LANDMARKS
from tests.unit.learning.event_samples import same, small_extractor
from tests.videos import video

BOTH = (PLAIN, MIRRORED)


@pytest.fixture(scope="module")
def extractor():
    return small_extractor()


def test_the_key_depends_on_video_extractor_and_arguments(extractor):
    """Another rate, extractor or set of augmentations has another key."""
    keys = {
        features_key("a" * 64, rate, one, wanted)
        for rate in (None, 240.0)
        for one in (extractor, small_extractor(96))
        for wanted in ((PLAIN,), BOTH)
    }
    assert 8 == len(keys)


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    path = tmp_path_factory.mktemp("drill") / "drill.mp4"
    render_drill(
        path,
        DrillSpec(
            seed=2, exercise=Exercise.HOPS, push_offs=2, capture_fps=60,
            width_px=320, height_px=180, second_person=None,
        ),
    )  # fmt: skip
    return path


def test_features_are_extracted_once(drill, extractor, tmp_path):
    """Every frame with the athlete has features, and landmarks in the pixels of the video where a
    body was found; the second time they come from storage."""
    storage = Storage(str(tmp_path / "storage"))
    reports = []
    first = load_or_extract(storage, drill, 60.0, extractor, (PLAIN,), reports.append)
    values = first.views[PLAIN]["colours"]
    assert (len(first.times_s), FEATURES) == values.shape
    for view, width in VIEWS.items():
        assert (len(first.times_s), width) == first.views[PLAIN][view].shape
        assert first.views[PLAIN][view][first.athlete].any()
    assert 2 == first.step
    assert np.array_equal(first.athlete, values.any(axis=1))
    assert first.athlete.mean() > 0.5
    assert (len(first.times_s), LANDMARKS, 4) == first.landmarks.shape
    seen = np.isfinite(first.landmarks).all(axis=(1, 2))
    assert seen.any() and not seen[~first.athlete].any()
    hips, toes = (first.landmarks[seen][:, pair, :2].mean(axis=1) for pair in (HIPS, TOES))
    assert (hips[:, 1] < toes[:, 1]).mean() > 0.5
    boxes = np.array([box.as_list() for box in first.track.boxes])[seen]
    inside = (hips > boxes[:, :2]) & (hips < boxes[:, :2] + boxes[:, 2:])
    assert inside.all(axis=1).mean() > 0.7
    assert any(progress.stage == "extracting features" for progress in reports)
    reports.clear()
    assert same(first, load_or_extract(storage, drill, 60.0, extractor, (PLAIN,), reports.append))
    assert [] == reports


def test_stored_features_are_loaded_and_never_extracted(drill, extractor, tmp_path):
    """By the file's digest or the video's id; None where they are missing or damaged."""
    storage = Storage(str(tmp_path / "storage"))
    sha256 = sha256_of(drill)
    assert load_stored(storage, sha256, 60.0, extractor, (PLAIN,)) is None
    made = load_or_extract(storage, drill, 60.0, extractor, (PLAIN,))
    for name in (sha256, sha256[:16]):
        assert same(made, load_stored(storage, name, 60.0, extractor, (PLAIN,)))
    assert load_stored(storage, sha256, 30.0, extractor, (PLAIN,)) is None
    storage.write(features_key(sha256, 60.0, extractor, (PLAIN,)), b"rubbish")
    assert load_stored(storage, sha256, 60.0, extractor, (PLAIN,)) is None


def test_damaged_features_are_replaced(drill, extractor, tmp_path):
    """Damaged features in storage are extracted again."""
    storage = Storage(str(tmp_path / "storage"))
    key = features_key(sha256_of(drill), 60.0, extractor, (PLAIN,))
    storage.write(key, b"PK\x03\x04 rubbish")
    made = load_or_extract(storage, drill, 60.0, extractor, (PLAIN,))
    assert same(made, features_from_bytes(storage.read(key)))


def test_a_video_without_an_athlete_has_zeros(extractor, tmp_path):
    """No athlete: a warning, no direction, features of zero."""
    path = video(tmp_path / "empty.mp4", frames=12, rate=60)
    made = extract_features(path, None, extractor, (PLAIN,))
    assert not made.athlete.any() and made.direction is None
    assert not made.views[PLAIN]["motion"].any()
    assert np.isnan(made.landmarks).all()
    assert made.track.warnings


def test_other_files_are_refused(extractor, tmp_path):
    """A text file and a missing file are refused with their name."""
    text = tmp_path / "notes.mp4"
    text.write_text("hello")
    with pytest.raises(VideoRefused, match=r"notes\.mp4"):
        extract_features(text, None, extractor, (PLAIN,))
    with pytest.raises(BadInput, match=r"gone\.mp4"):
        sha256_of(tmp_path / "gone.mp4")
