"""Take two-factor away from somebody whose phone is lost."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts import audit, sessions, two_factor


class Command(BaseCommand):
    help = "Take two-factor sign-in away from NAME and end all of their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"there is no account called {options['name']!r}")
        if not two_factor.take_away(user):
            raise CommandError(f"{options['name']} has no two-factor sign-in")
        n = sessions.end_all(user)
        audit.record(None, "two_factor.off", user, by="command", sessions_ended=n)
        self.stdout.write(f"{user.get_username()} signs in with the password alone again.")
