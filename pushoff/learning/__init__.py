"""Models: their networks, training, evaluation and registry. Door: torch, lightning, MLflow."""
