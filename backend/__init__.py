"""FastAPI face: Label Studio's machine-learning protocol."""
