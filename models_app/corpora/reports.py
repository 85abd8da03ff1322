"""Reports on a corpus as jobs: started once, made in a worker, told apart from an older corpus."""

from typing import Any

from django.db import transaction

from common.errors import BadInput
from models_app.corpora.audit import audit
from models_app.corpora.fertility import measure_fertility
from models_app.corpora.hashing import state_hash
from models_app.corpora.leakage import THRESHOLD, find_leaks
from models_app.corpora.round_trip import SAMPLE, check_back, round_trip
from models_app.jobs import Progress, enqueue
from models_app.models import Checkpoint, Corpus, CorpusReport, System


@transaction.atomic
def start_report(
    corpus: Corpus,
    kind: str,
    *,
    checkpoint: Checkpoint | None = None,
    threshold: float = THRESHOLD,
    back: System | None = None,
    sample: int = SAMPLE,
    seed: int = 1,
    user: Any = None,
    queue: bool = True,
) -> CorpusReport:
    """A report that waits for a worker; one that waits or runs already is given back.

    back, sample, seed : of traces of translation, the system that translates so many texts back
        (0: all), drawn by the seed; without a system, there is no round trip

    Raises BadInput for an empty corpus, a threshold out of range, and a system that cannot
    translate back.
    """
    if not corpus.n_examples:
        raise BadInput(f"the corpus {corpus.name!r} has no examples; load some first")
    if kind == CorpusReport.Kind.FERTILITY and checkpoint is None:
        raise BadInput("say of which checkpoint the tokeniser is")
    if not 0.5 <= threshold <= 1:
        raise BadInput(f"{threshold:g} is no similarity to look for; write one from 0.5 to 1")
    settings: dict[str, Any] = {}
    if kind == CorpusReport.Kind.LEAKAGE:
        settings = {"threshold": threshold}
    elif kind == CorpusReport.Kind.ARTEFACTS and back is not None:
        check_back(corpus, back)
        settings = {"back": back.name, "sample": max(0, sample), "seed": seed}
    wanted = {"corpus": corpus, "kind": kind, "checkpoint": checkpoint, "settings": settings}
    if found := CorpusReport.objects.unfinished().filter(**wanted).first():
        return found
    report = CorpusReport.objects.create(**wanted, created_by=user)
    if queue:
        enqueue(report)
    return report


def make_report(report: CorpusReport, progress: Progress) -> None:
    """The job. Run twice, it writes the same."""
    corpus = report.corpus

    def say(what: str) -> None:
        progress.say(what)
        progress.stop_if_cancelled()

    if report.kind == CorpusReport.Kind.LEAKAGE:
        payload = find_leaks(corpus, threshold=report.settings["threshold"], say=say)
    elif report.kind == CorpusReport.Kind.ARTEFACTS:
        payload = audit(corpus, progress)
        if "back" in report.settings:
            payload["round_trip"] = round_trip(report, progress)
    else:
        say("loading the tokeniser")
        payload = measure_fertility(corpus, report.checkpoint, progress)
    CorpusReport.objects.filter(pk=report.pk).update(
        payload=payload, corpus_hash=state_hash(corpus)
    )
    progress.say("")


def is_out_of_date(report: CorpusReport) -> bool:
    """Whether the corpus has other texts or splits than when the report was made."""
    return bool(report.payload) and report.corpus_hash != state_hash(report.corpus)
