"""Scripts that serve the repository itself: pictures and generated pages of the docs."""
