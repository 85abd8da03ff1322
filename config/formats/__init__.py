"""Dates and numbers where Django has none for a language, or none that reads well."""
