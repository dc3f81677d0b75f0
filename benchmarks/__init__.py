"""One script per claim of docs/benchmarks.md, each printing its figures from one run."""
