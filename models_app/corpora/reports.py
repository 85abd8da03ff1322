"""Reports on a corpus as jobs: started once, made in a worker, told apart from an older corpus."""

from typing import Any

from django.db import transaction

from common.errors import BadInput
from models_app.corpora.audit import audit
from models_app.corpora.fertility import measure_fertility
from models_app.corpora.hashing import state_hash
from models_app.corpora.leakage import THRESHOLD, find_leaks
from models_app.jobs import Progress, enqueue
from models_app.models import Checkpoint, Corpus, CorpusReport


@transaction.atomic
def start_report(
    corpus: Corpus,
    kind: str,
    *,
    checkpoint: Checkpoint | None = None,
    threshold: float = THRESHOLD,
    user: Any = None,
    queue: bool = True,
) -> CorpusReport:
    """A report that waits for a worker; one that waits or runs already is given back.

    Raises BadInput for an empty corpus and a threshold out of range.
    """
    if not corpus.n_examples:
        raise BadInput(f"the corpus {corpus.name!r} has no examples; load some first")
    if kind == CorpusReport.Kind.FERTILITY and checkpoint is None:
        raise BadInput("say of which checkpoint the tokeniser is")
    if not 0.5 <= threshold <= 1:
        raise BadInput(f"{threshold:g} is no similarity to look for; write one from 0.5 to 1")
    wanted = {
        "corpus": corpus,
        "kind": kind,
        "checkpoint": checkpoint,
        "settings": {"threshold": threshold} if kind == CorpusReport.Kind.LEAKAGE else {},
    }
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
