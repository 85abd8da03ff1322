"""What the site holds of a person: to read, to take away, to have erased, and for how long."""
