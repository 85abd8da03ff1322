"""manage.py audit_corpus NAME [--back SYSTEM]"""

import json
from typing import Any

from common.errors import NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora.hashing import corpus_named
from models_app.corpora.reports import start_report
from models_app.corpora.round_trip import SAMPLE
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand
from models_app.management.found import system_named
from models_app.models import CorpusReport, Job


class Command(NikashCommand):
    help = "Count what machines leave behind: untranslated texts, code, loops, odd lengths."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        parser.add_argument("--back", metavar="SYSTEM", help="translates texts back, for chrF")
        parser.add_argument(
            "--sample", type=int, default=SAMPLE, help="texts translated back; 0: all"
        )
        parser.add_argument("--seed", type=int, default=1, help="of the sample")
        parser.add_argument("--json", action="store_true", help="the whole report on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = corpus_named(options["name"])
        report = start_report(
            corpus,
            CorpusReport.Kind.ARTEFACTS,
            back=system_named(options["back"]) if options["back"] else None,
            sample=options["sample"],
            seed=options["seed"],
            queue=False,
        )
        report = run_inline(report)
        if report.state != Job.State.DONE:
            raise NikashError(report.error or f"the audit is {report.get_state_display()}")
        for row in report.payload["tags"]:
            if row["of"]:
                self.say(f"{row['tag']}: {row['n']} of {row['of']}")
            else:
                self.say(f"{row['tag']}: not defined, since no source is known")
        if trip := report.payload.get("round_trip"):
            self.say(told_trip(trip))
        if options["json"]:
            self.stdout.write(json.dumps(report.payload, ensure_ascii=False, indent=1))


def told_trip(trip: dict[str, Any]) -> str:
    """The round trip in a sentence."""
    if trip["mean"] is None:
        return f"round trip: not defined, since {trip['reason']}"
    return (
        f"round trip by {trip['system']}: chrF {trip['mean']:.1f} in the mean of {trip['n']} of "
        f"{trip['of']} texts, {trip['corpus']:.1f} of all together"
    )
