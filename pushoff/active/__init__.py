"""Active learning: which frames to label next, how good the labels are, when to stop.

Pure functions of probabilities, features, times and groups. NumPy and scikit-learn only;
`simulation` also draws curves and loads images.
"""
