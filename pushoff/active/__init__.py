"""The annotator's minute: which frames next, how good the labels are, when to stop.

Pure functions of probabilities, features, times and groups. NumPy and scikit-learn only.
"""
