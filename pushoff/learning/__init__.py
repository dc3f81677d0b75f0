"""Door to torch, torchvision, lightning and mlflow: labelled frames in, proven models out."""
