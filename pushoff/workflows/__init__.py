"""The stories of the product, one file each; `steps` has what they share."""
