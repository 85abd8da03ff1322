"""Backups: the whole site in one file that any engine restores, and moves between databases."""
