"""Looking at a session again: the check of the whole video, its truth, what others see in it."""
