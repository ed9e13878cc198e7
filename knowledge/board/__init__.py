"""The problem board: questions of practice, and what others tried with which work."""
