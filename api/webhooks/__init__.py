"""Telling other programs what happened: an event becomes a row, the row becomes a request."""
