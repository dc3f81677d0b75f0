"""Stored files and records: in one local folder, or in a bucket. Door: fsspec."""
