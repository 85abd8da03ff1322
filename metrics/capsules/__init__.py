"""A whole study in one file: written, opened with care, and replayed to the same report."""
