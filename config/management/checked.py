"""What every process of the site is asked before it starts."""

from django.core.management.base import BaseCommand


def check_start(command: BaseCommand) -> None:
    """Raise SystemCheckError with a sentence for each thing that keeps the site from starting."""
    command.check(databases=["default"])
