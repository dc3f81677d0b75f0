"""What the scheduler does by itself every half minute."""
