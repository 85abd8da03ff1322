"""Print a link with which one person chooses a new password."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.resetting import reset_link


class Command(BaseCommand):
    help = "Print a link with which NAME chooses a new password; it works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--site", help="the site's address, say https://nikash.example.org", default=""
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["name"], is_active=True).first()
        if user is None:
            raise CommandError(f"there is no active account called {options['name']!r}")
        origins = settings.CSRF_TRUSTED_ORIGINS or ["http://localhost:8000"]
        link = reset_link(user, options["site"] or origins[0])
        audit.record(None, "password.link", user, by="command")
        hours = settings.PASSWORD_RESET_TIMEOUT // 3600
        self.stdout.write(f"{link}\nIt works once, within {hours} hours.")
