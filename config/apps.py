"""The roof as an app: its checks are known to `manage.py check`."""

from django.apps import AppConfig


class Roof(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401 - registers them
