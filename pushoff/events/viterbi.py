"""The most likely sequence of contact, push-off and flight, each with a minimum duration.

A hidden Markov model with minimum durations (each phase is a chain of states that cannot be
skipped), decoded with the Viterbi algorithm. The push-off is the last `step` frames of a contact;
the result are the frames in which it ends.
"""

import numpy as np

_MARGIN = 1e-3
"""Probabilities are clamped to this distance from 0 and 1: one wrong frame must not decide."""


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

    `contact` and `push_off` are (N,) probabilities, `athlete` (N,) bool: where no athlete is
    visible there is neither. Minimum durations are in frames; the first and the last phase may be
    cut off by the video's ends.
    """
    early = max(min_contact - step, 1)
    phases = np.repeat([0, 1, 2], [early, step, min_flight])  # early contact, push-off, flight
    log_likelihood = _log_likelihood(contact, push_off, athlete)  # (N, 3)
    can_stay = np.zeros(len(phases), bool)
    can_stay[[early - 1, len(phases) - 1]] = True  # a contact or a flight may last longer
    score = log_likelihood[0, phases]
    back_pointers = np.empty((len(log_likelihood), len(phases)), np.int32)
    states = np.arange(len(phases))
    previous = states - 1  # state -1 is the last: from flight into contact
    for index in range(1, len(log_likelihood)):
        advanced = score[previous]
        stays = can_stay & (score >= advanced)  # a tie does not change the state
        back_pointers[index] = np.where(stays, states, previous % len(phases))
        score = np.where(stays, score, advanced) + log_likelihood[index, phases]
    return _contact_ends(back_pointers, int(score.argmax()), early + step - 1)


def _log_likelihood(contact: np.ndarray, push_off: np.ndarray, athlete: np.ndarray) -> np.ndarray:
    """(N, 3) log likelihood of each frame in early contact, push-off and flight."""
    p_contact = np.clip(np.where(athlete, contact, _MARGIN), _MARGIN, 1 - _MARGIN)
    p_push_off = np.clip(np.where(athlete, push_off, _MARGIN), _MARGIN, 1 - _MARGIN)
    ground, air = np.log(p_contact), np.log(1 - p_contact)
    end, not_end = np.log(p_push_off), np.log(1 - p_push_off)
    return np.stack([ground + not_end, ground + end, air + not_end], axis=1)


def _contact_ends(back_pointers: np.ndarray, state: int, last_contact: int) -> list[int]:
    """The frames in which the path is in the last contact state, from its final state back."""
    frames = []
    for index in range(len(back_pointers) - 1, -1, -1):
        if state == last_contact:
            frames.append(index)
        if index:
            state = int(back_pointers[index, state])
    return frames[::-1]
