"""pushoff: the domain of push-off detection. Importing it does nothing but define."""
