"""Real files of every loader, mutated, and what a loader may do with them: load or refuse."""
