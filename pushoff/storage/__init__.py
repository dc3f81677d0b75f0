"""Door to fsspec: one local folder by default, s3:// where one machine is outgrown."""
