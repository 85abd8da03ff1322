"""How many texts of a corpus carry what machines leave behind."""

from collections.abc import Iterator
from statistics import median
from typing import Any, NamedTuple

from common.artefacts import TAGS, artefacts
from common.scripts import script_counts, share_in_script
from models_app.jobs import Progress
from models_app.models import Corpus, CorpusTranslation

SHOWN = 5
SHOWN_CHARACTERS = 300
TEXTS = ("instruction", "input", "output")


class Pair(NamedTuple):
    key: str
    language: str
    text: str
    source: str | None
    field: str = "output"


def audit(corpus: Corpus, progress: Progress) -> dict[str, Any]:
    """Counts and examples of each tag over every text, none sampled, as JSON.

    Sources are the other side of parallel texts, and the corpus that was translated here; of
    other corpora only what the texts themselves show is told. `of` counts the texts a tag could
    hold for.
    """
    progress.say("looking at every text")
    pairs = list(pairs_of(corpus))
    ratios = [len(p.text) / len(p.source) for p in pairs if p.source and p.text.strip()]
    usual = median(ratios) if ratios else None
    found: dict[str, list[Pair]] = {tag: [] for tag in TAGS}
    latin = others = 0.0
    for pair in pairs:
        for tag in artefacts(pair.text, pair.language, pair.source, usual):
            found[tag].append(pair)
        counts = script_counts(pair.text)
        if counts:
            latin += share_in_script(counts, "Latn") * counts.total()
            others += counts.total()
    n_sourced = sum(pair.source is not None for pair in pairs)
    needs_source = {"untranslated", "short", "long"}
    return {
        "n_texts": len(pairs),
        "n_with_source": n_sourced,
        "usual_ratio": usual,
        "latin_share": latin / others if others else None,
        "tags": [
            _row(tag, hits, n_sourced if tag in needs_source else len(pairs))
            for tag, hits in found.items()
        ],
    }


def _row(tag: str, hits: list[Pair], of: int) -> dict[str, Any]:
    return {
        "tag": tag,
        "meaning": TAGS[tag],
        "n": len(hits),
        "of": of,
        "share": len(hits) / of if of else None,
        "examples": [
            {
                "key": pair.key,
                "text": pair.text[:SHOWN_CHARACTERS],
                "source": (pair.source or "")[:SHOWN_CHARACTERS],
            }
            for pair in hits[:SHOWN]
        ],
    }


def pairs_of(corpus: Corpus) -> Iterator[Pair]:
    """Texts in the language of the outputs, each with its source where that is known."""
    examples = corpus.examples.order_by("position").defer("extra")
    if corpus.kind == Corpus.Kind.PARALLEL:
        for e in examples:
            yield Pair(e.key, e.target_lang, e.output, e.input)
        return
    sources = {}
    if made := CorpusTranslation.objects.filter(result=corpus).first():
        sources = {e.key: e for e in made.source.examples.defer("extra")}
    for e in examples:
        original = sources.get(e.key)
        for name in TEXTS:
            text = getattr(e, name)
            source = getattr(original, name) if original else None
            if text or source or (name == "output" and not source):
                yield Pair(e.key, e.target_lang, text, source, name)
