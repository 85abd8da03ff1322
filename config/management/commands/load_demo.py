"""manage.py load_demo: the demo's data, outputs, campaigns and reports; again changes nothing."""

from typing import Any

from config.demo import load_demo
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Load the demo: data, outputs of the small models, campaigns, simulated ratings."

    def handle(self, *args: Any, **options: Any) -> None:
        load_demo(self.say)
