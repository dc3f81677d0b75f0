"""Left and right: learnt at one place, judged at another."""
