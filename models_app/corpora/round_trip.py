"""Translate texts back into their source's language and see how much of the source returns."""

from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import fmean
from typing import Any

from common.errors import BadInput
from common.language_registry import find_language
from common.languages import primary
from common.text import storable, text_hash
from models_app.backends.base import Request
from models_app.corpora.audit import SHOWN, SHOWN_CHARACTERS, Pair, pairs_of
from models_app.corpora.splitting import seeded_rank
from models_app.generation import backend_for, prompt_for
from models_app.jobs import Progress
from models_app.models import Corpus, CorpusReport, CorpusTranslation, Segment, System

CHUNK = 16  # texts asked at once; what a killed worker may do again
SAMPLE = 200


def source_language(corpus: Corpus) -> str | None:
    """The language that a corpus's texts were translated from; None where that is not known."""
    if corpus.kind == Corpus.Kind.PARALLEL:
        return corpus.source_lang
    made = CorpusTranslation.objects.filter(result=corpus).select_related("source").first()
    return made.source.target_lang if made else None


def check_back(corpus: Corpus, back: System) -> None:
    """Raise BadInput for a system that cannot translate this corpus's texts back."""
    if back.kind != System.Kind.MODEL:
        raise BadInput(f"{back.name!r} does not generate here; choose a system that does")
    code = back.decoding.get("tgt_lang", "")
    into, wanted = (find_language(code) if code else None), source_language(corpus)
    if into and wanted and into.tag != primary(wanted):
        raise BadInput(f"{back.name!r} translates into {into.tag}, not back into {wanted}")


def round_trip(report: CorpusReport, progress: Progress) -> dict[str, Any]:
    """chrF of each sampled text, translated back, against its source, as JSON.

    Texts are drawn by the seed from those with a source; texts that came back already, in an
    attempt that broke off, are not asked again.

    Returns
    -------
    rows : key, field and `chrf` (sacreBLEU's sentence chrF2, 0-100, higher is better) of each
    mean, corpus : their mean, and the chrF2 of all together; None, with a `reason`, without a text
    examples : the lowest, with source, text and what came back
    n, of : texts in the sample, and texts with a source
    """
    back = System.objects.get(name=report.settings["back"])
    found = [p for p in pairs_of(report.corpus) if p.source and p.source.strip() and p.text.strip()]
    seed = report.settings["seed"]
    found.sort(key=lambda pair: seeded_rank(seed, f"{pair.field}/{pair.key}"))
    sample = found[: report.settings["sample"] or None]
    told = {"system": back.name, "seed": seed, "n": len(sample), "of": len(found)}
    if not sample:
        reason = "no text's source is known"
        return told | {"mean": None, "corpus": None, "rows": [], "examples": [], "reason": reason}
    return told | _scores(sample, _returned(report, back, sample, progress)) | {"reason": None}


def _returned(
    report: CorpusReport, back: System, sample: Sequence[Pair], progress: Progress
) -> list[str]:
    environment = report.environment
    known: dict[str, str] = environment.get("returned", {})
    missing = list(dict.fromkeys(p.text for p in sample if text_hash(p.text) not in known))
    n_texts = len({pair.text for pair in sample})
    progress.total(n_texts, done=n_texts - len(missing))
    if missing:
        progress.say("loading the model")
        backend = backend_for([back])
        environment = {"back": backend.describe(0)}
        progress.say("translating back")
        for chunk in _chunks(missing):
            progress.stop_if_cancelled()
            asked = [Request(0, prompt_for(back, Segment(source=text))) for text in chunk]
            for text, answer in zip(chunk, backend.generate(asked), strict=True):
                known[text_hash(text)] = storable(answer.text)
            _keep(report, environment | {"returned": known})
            progress.advance(len(chunk))
    return [known[text_hash(pair.text)] for pair in sample]


def _keep(report: CorpusReport, environment: dict[str, Any]) -> None:
    CorpusReport.objects.filter(pk=report.pk).update(environment=environment)


def _scores(sample: Sequence[Pair], returned: Sequence[str]) -> dict[str, Any]:
    from sacrebleu.metrics.chrf import CHRF

    scorer = CHRF()
    sources = [str(pair.source) for pair in sample]
    pairs = list(zip(sample, sources, returned, strict=True))
    values = [scorer.sentence_score(back, [source]).score for _, source, back in pairs]
    lowest = sorted(range(len(values)), key=lambda place: values[place])[:SHOWN]
    return {
        "mean": fmean(values),
        "corpus": scorer.corpus_score(list(returned), [sources]).score,
        "signature": str(scorer.get_signature()),
        "rows": [
            {"key": pair.key, "field": pair.field, "chrf": value}
            for (pair, _, _), value in zip(pairs, values, strict=True)
        ],
        "examples": [
            {
                "key": pairs[place][0].key,
                "chrf": values[place],
                "source": pairs[place][1][:SHOWN_CHARACTERS],
                "text": pairs[place][0].text[:SHOWN_CHARACTERS],
                "back": pairs[place][2][:SHOWN_CHARACTERS],
            }
            for place in lowest
        ],
    }


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
