"""manage.py study NAME: set up, run and report a whole study."""

import json
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from common.errors import BadInput, NikashError
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand
from models_app.models import Job
from studies import tasks  # noqa: F401 - makes the job known
from studies.cloning import clone
from studies.configuration import read_configuration, template_names
from studies.following import following
from studies.running import start_study
from studies.words import as_markdown


class Command(NikashCommand):
    help = "Set up, run and report a whole study from its configuration; again goes on with it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "study", nargs="?", help=f"{', '.join(template_names())}, or a configuration file"
        )
        parser.add_argument(
            "--name", help="what it is called here; its template's name unless told"
        )
        parser.add_argument("--user", help="the researcher who may see it; every admin may")
        parser.add_argument("--out", help="also write the tables into this Markdown file")
        parser.add_argument("--clone", metavar="FILE", help="write it for another language instead")
        parser.add_argument("--from-lang", help="of the clone: the language that is replaced")
        parser.add_argument("--to-lang", help="of the clone: the language put there, BCP 47")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["study"]:
            self.stdout.write("\n".join(template_names()))
            return
        configuration, folder = read_configuration(options["study"])
        if options["clone"]:
            self._clone(configuration, folder, options)
            return
        study = start_study(
            options["name"] or Path(options["study"]).stem,
            configuration,
            folder,
            user=_user(options["user"]),
            queue=False,
        )
        with following(study, self.say):
            study = run_inline(study)
        if study.state != Job.State.DONE:
            raise NikashError(f"{study.stage}: {study.error or study.get_state_display()}")
        text = as_markdown(study)
        self.stdout.write(text)
        if options["out"]:
            Path(options["out"]).write_text(text, encoding="utf-8")

    def _clone(self, configuration: dict[str, Any], folder: Path, options: Any) -> None:
        if not (options["from_lang"] and options["to_lang"]):
            raise BadInput("a clone needs two languages: --from-lang mr --to-lang hi")
        path = Path(options["clone"])
        made = clone(
            configuration, of=options["from_lang"], to=options["to_lang"], folder=path.parent
        )
        text = json.dumps(made.configuration, ensure_ascii=False, indent=1)
        path.write_text(f"{text}\n", encoding="utf-8")
        for sentence in made.to_do:
            self.say(sentence)
        self.say(f"Written: {path}. Run it with manage.py study {path}")


def _user(name: str | None) -> Any:
    if not name:
        return None
    found = get_user_model().objects.filter(Q(username=name)).first()
    if found is None:
        raise BadInput(f"there is no user {name!r}; make one first")
    return found
