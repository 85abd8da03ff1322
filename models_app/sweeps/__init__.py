"""Training runs planned together: grids and searches, their jobs, and what they show."""
