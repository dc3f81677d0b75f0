"""The likeliest way through contact, push-off and flight, each at least as long as it must be.

A hidden Markov model with least durations (each phase is a chain of frames that cannot be
skipped), solved by Viterbi's algorithm. The push-off is the last `step` frames of a contact; what
comes out are the frames in which it ends.
"""

import numpy as np

_SURE = 1e-3
"""No frame is believed further than this: one wrong frame must not decide."""


def push_off_path(
    contact: np.ndarray,
    push_off: np.ndarray,
    athlete: np.ndarray,
    step: int,
    *,
    min_contact: int,
    min_flight: int,
) -> list[int]:
    """Last contact frames along the best path, in order.

    `contact` and `push_off` are (N,) probabilities, `athlete` (N,) bool: where nobody is seen
    there is neither. Least durations are in frames; the first and last phase may be cut off by the
    video's ends.
    """
    early = max(min_contact - step, 1)
    phases = np.repeat([0, 1, 2], [early, step, min_flight])  # early contact, push-off, flight
    evidence = _evidence(contact, push_off, athlete)  # (N, 3)
    stays = np.zeros(len(phases), bool)
    stays[[early - 1, len(phases) - 1]] = True  # a contact or a flight may last
    score = evidence[0, phases]
    links = np.empty((len(evidence), len(phases)), np.int32)
    before = np.arange(len(phases)) - 1  # state -1 is the last: from flight into contact
    here = np.arange(len(phases))
    for index in range(1, len(evidence)):
        moved = score[before]
        keep = stays & (score >= moved)  # undecided: no change
        links[index] = np.where(keep, here, before % len(phases))
        score = np.where(keep, score, moved) + evidence[index, phases]
    return _ends(links, int(score.argmax()), early + step - 1)


def _evidence(contact: np.ndarray, push_off: np.ndarray, athlete: np.ndarray) -> np.ndarray:
    """(N, 3) log likelihood of each frame in early contact, push-off and flight."""
    on = np.clip(np.where(athlete, contact, _SURE), _SURE, 1 - _SURE)
    end = np.clip(np.where(athlete, push_off, _SURE), _SURE, 1 - _SURE)
    ground, air = np.log(on), np.log(1 - on)
    now, not_now = np.log(end), np.log(1 - end)
    return np.stack([ground + not_now, ground + now, air + not_now], axis=1)


def _ends(links: np.ndarray, state: int, last_contact: int) -> list[int]:
    frames = []
    for index in range(len(links) - 1, -1, -1):
        if state == last_contact:
            frames.append(index)
        if index:
            state = int(links[index, state])
    return frames[::-1]
