"""manage.py measure_corpus NAME --checkpoint NAME"""

import json
from typing import Any

from common.errors import NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora.hashing import corpus_named
from models_app.corpora.reports import start_report
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand
from models_app.management.found import checkpoint_named
from models_app.models import CorpusReport, Job


class Command(NikashCommand):
    help = "Measure what a checkpoint's tokeniser makes of a corpus, and its scripts."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        parser.add_argument("--checkpoint", required=True)
        parser.add_argument("--json", action="store_true", help="the whole report on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        report = start_report(
            corpus_named(options["name"]),
            CorpusReport.Kind.FERTILITY,
            checkpoint=checkpoint_named(options["checkpoint"]),
            queue=False,
        )
        report = run_inline(report)
        if report.state != Job.State.DONE:
            raise NikashError(report.error or f"the report is {report.get_state_display()}")
        for row in report.payload["rows"]:
            self.say(
                f"{row['language']}, {row['side']}: {_number(row['tokens_per_word'])} tokens a "
                f"word, {_number(row['tokens_per_character'])} a character, over "
                f"{row['n_words']} words in {row['n_texts']} texts"
            )
        if options["json"]:
            self.stdout.write(json.dumps(report.payload, ensure_ascii=False, indent=1))


def _number(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.2f}"
