"""Celery finds a room's tasks by this name."""

from api.webhooks.tasks import announce_complete, send_due

__all__ = ["announce_complete", "send_due"]
