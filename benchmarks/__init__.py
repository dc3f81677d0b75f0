"""One script per claim of the README, each printing its figures from one run."""
