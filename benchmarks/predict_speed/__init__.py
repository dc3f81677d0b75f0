"""`/predict` beside a plain backend with the same model."""
