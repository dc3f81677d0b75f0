"""The coach's web pages."""
