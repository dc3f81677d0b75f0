"""Door to PyAV and cv2: files in, frames with true times and athlete boxes out."""
