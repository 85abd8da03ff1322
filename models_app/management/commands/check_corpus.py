"""manage.py check_corpus NAME [--near 0.8]"""

import json
from typing import Any

from common.errors import NikashError
from models_app import tasks  # noqa: F401 - makes the jobs known
from models_app.corpora.hashing import corpus_named
from models_app.corpora.leakage import THRESHOLD
from models_app.corpora.reports import start_report
from models_app.jobs import run_inline
from models_app.management.cli import NikashCommand
from models_app.models import CorpusReport, Job


class Command(NikashCommand):
    help = "Look for duplicates, leaks between splits, and leaks into datasets."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name")
        parser.add_argument("--near", type=float, default=THRESHOLD, help="similarity, 0.5 to 1")
        parser.add_argument("--json", action="store_true", help="the whole report on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = corpus_named(options["name"])
        report = start_report(
            corpus, CorpusReport.Kind.LEAKAGE, threshold=options["near"], queue=False
        )
        report = run_inline(report)
        if report.state != Job.State.DONE:
            raise NikashError(report.error or f"the check is {report.get_state_display()}")
        for line in lines(report.payload):
            self.say(line)
        if options["json"]:
            self.stdout.write(json.dumps(report.payload, ensure_ascii=False, indent=1))


def lines(payload: dict[str, Any]) -> list[str]:
    """A report in sentences, only what was found."""
    found = [
        (f"{row['split'] or 'all'}, {row['side']}: {_counts(row)} are repeats", row)
        for row in payload["within"]
    ]
    found += [
        (f"{row['split']}, {row['side']}: {_counts(row)} stand in {row['seen_in']}", row)
        for row in payload["across"]
    ]
    found += [
        (
            f"{row['dataset']}, {row['field']}: {_counts(row)} stand in {row['side']} "
            f"({told_splits(row['by_split'])})",
            row,
        )
        for row in payload["evaluation"]
    ]
    told = [line for line, row in found if row["exact"] or row["near"]]
    looked = ", ".join(f"{row['name']} ({row['n']})" for row in payload["datasets"]) or "none"
    return [*(told or ["Nothing stands twice."]), f"Datasets looked at: {looked}."]


def told_splits(by_split: dict[str, int]) -> str:
    """In which splits something stands."""
    return ", ".join(f"{n} {split or 'unsplit'}" for split, n in by_split.items())


def _counts(row: dict[str, Any]) -> str:
    near = f" and {row['near']} nearly" if row["near"] else ""
    return f"{row['exact']} of {row['n']}{near}"
