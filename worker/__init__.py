"""RQ face: one file per job, each readable on one screen."""
