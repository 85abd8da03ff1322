"""Files to take away, made by a worker: an archive, a capsule, a report's tables."""
