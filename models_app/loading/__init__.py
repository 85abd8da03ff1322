"""Files in: datasets and outputs. Everything of a file is stored, or nothing."""
