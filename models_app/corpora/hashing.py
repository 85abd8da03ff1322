"""The hash of examples: what a run card names as the data a model saw."""

import hashlib
import json
from collections.abc import Iterable

from common.errors import BadInput
from common.problems import shown
from models_app.models import Corpus, CorpusTranslation, Example, Job

TEXTS = ("source_lang", "target_lang", "instruction", "input", "output")


def examples_hash(examples: Iterable[Example]) -> str:
    """SHA-256 over languages and texts of examples, in the order given; keys do not count."""
    digest = hashlib.sha256()
    for example in examples:
        for name in TEXTS:
            digest.update(getattr(example, name).encode("utf-8", "surrogatepass"))
            digest.update(b"\0")
    return digest.hexdigest()


def refresh_card(corpus: Corpus) -> None:
    """Count and hash the examples as they are stored now."""
    examples = corpus.examples.order_by("position").defer("extra")
    corpus.n_examples = examples.count()
    corpus.content_hash = examples_hash(examples.iterator(chunk_size=2000))
    corpus.save(update_fields=["n_examples", "content_hash"])


def state_hash(corpus: Corpus) -> str:
    """Changes with the texts and with how they are split: a report on another is out of date."""
    recipe = json.dumps(corpus.split_recipe, sort_keys=True)
    return hashlib.sha256(f"{corpus.content_hash} {recipe}".encode()).hexdigest()


def check_complete(corpus: Corpus) -> None:
    """Raise BadInput for a corpus that is still being translated."""
    unfinished = CorpusTranslation.objects.filter(result=corpus).exclude(state=Job.State.DONE)
    if unfinished.exists():
        raise BadInput(f"the translation {corpus.name!r} is not finished; run translate_corpus on")


def corpus_named(name: str) -> Corpus:
    """The corpus of this name; BadInput, naming those there are."""
    if found := Corpus.objects.filter(name=name).first():
        return found
    known = ", ".join(Corpus.objects.values_list("name", flat=True)[:20]) or "none yet"
    raise BadInput(f"there is no corpus called {shown(name)}; known: {known}")
