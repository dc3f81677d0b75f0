"""What frames mean in time: numpy and the standard library only."""
