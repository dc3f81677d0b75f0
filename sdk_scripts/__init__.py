"""Command-line face: the `pushoff` command and the scripts behind it."""
