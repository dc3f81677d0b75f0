"""One Gaussian for every curve over time. NumPy only."""

import numpy as np


def gaussian_smooth(values: np.ndarray, spread: float) -> np.ndarray:
    """`values` (N, ...) float smoothed along the first axis, ends held; same shape.

    `spread` is the Gaussian's standard deviation in steps, above 0; it is cut off at three.
    """
    reach = max(int(np.ceil(3 * spread)), 1)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    weights /= weights.sum()
    flat = np.asarray(values, float).reshape(len(values), -1)
    padded = np.pad(flat, ((reach, reach), (0, 0)), mode="edge")
    columns = [np.convolve(padded[:, k], weights, "valid") for k in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(np.shape(values))
