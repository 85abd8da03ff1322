"""manage.py audit_corpus NAME"""

import json
from typing import Any

from common.errors import NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora.hashing import corpus_named
from models_app.corpora.reports import start_report
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand
from models_app.models import CorpusReport, Job


class Command(NikashCommand):
    help = "Count what machines leave behind: untranslated texts, code, loops, odd lengths."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        parser.add_argument("--json", action="store_true", help="the whole report on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = corpus_named(options["name"])
        report = run_inline(start_report(corpus, CorpusReport.Kind.ARTEFACTS, queue=False))
        if report.state != Job.State.DONE:
            raise NikashError(report.error or f"the audit is {report.get_state_display()}")
        for row in report.payload["tags"]:
            if row["of"]:
                self.say(f"{row['tag']}: {row['n']} of {row['of']}")
            else:
                self.say(f"{row['tag']}: not defined, since no source is known")
        if options["json"]:
            self.stdout.write(json.dumps(report.payload, ensure_ascii=False, indent=1))
