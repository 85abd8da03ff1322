"""Dates and numbers of languages for which Django has no formats."""
