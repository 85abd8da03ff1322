"""manage.py erase NAME [--with-answers]"""

from typing import Any

from django.contrib.auth import get_user_model

from annotation.privacy.erasing import erase_person
from common.errors import BadInput
from common.problems import shown
from models_app.management.cli import NikashCommand


class Command(NikashCommand):
    help = "Erase a person's account and profile; with --with-answers also all they answered."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username")
        parser.add_argument("--with-answers", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["username"]
        person = get_user_model().objects.filter(username=name).first()
        if person is None:
            raise BadInput(f"there is no account {shown(name)}")
        erased = erase_person(person, by=None, with_answers=options["with_answers"])
        self.say(
            f"Account {name} is erased; with it {erased.n_ratings} ratings "
            f"of {erased.n_campaigns} campaigns."
        )
