"""scikit-learn's parts that heads and strategies use, loaded by being imported."""

import sklearn.cluster
import sklearn.linear_model  # noqa: F401
