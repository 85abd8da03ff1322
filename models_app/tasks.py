"""Celery's doors to the models room."""
