"""Gaussian smoothing of curves over time. NumPy only."""

import numpy as np


def gaussian_smooth(values: np.ndarray, sigma: float) -> np.ndarray:
    """`values` (N, ...) float, smoothed along the first axis; same shape.

    `sigma` is the Gaussian's standard deviation in steps, above 0; the kernel is cut off at 3
    sigma. Beyond the ends the first and last values are repeated.
    """
    reach = max(int(np.ceil(3 * sigma)), 1)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    flat = np.asarray(values, float).reshape(len(values), -1)
    padded = np.pad(flat, ((reach, reach), (0, 0)), mode="edge")
    columns = [np.convolve(padded[:, k], weights, "valid") for k in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(np.shape(values))
