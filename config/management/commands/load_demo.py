"""manage.py load_demo: the demo's data, outputs, campaigns and reports; again changes nothing."""

from typing import Any

from django.conf import settings

from common.errors import NikashError
from config.demo import load_demo
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Load the demo: data, outputs of the small models, campaigns, simulated ratings."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            load_demo(self.say)
        except NikashError as problem:
            raise NikashError(
                f"{problem.message}. If {settings.DATA_DIR} holds the demo of another release, "
                "move that folder away and start again"
            ) from problem
