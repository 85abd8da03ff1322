"""What a tokeniser makes of a corpus: how many pieces to a word, what it does not know, scripts."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from common.language_registry import find_language
from common.scripts import script_counts, share_in_script
from common.text import clusters, words
from models_app.corpora.tokens import load_tokenizer
from models_app.jobs import Progress
from models_app.models import Checkpoint, Corpus

CHUNK = 500
BYTE = re.compile(r"<0x[0-9A-F]{2}>")  # of SentencePiece with byte fallback
SIDES = ("instruction", "input", "output")


@dataclass
class Counts:
    """Sums over the texts of one language on one side."""

    texts: int = 0
    words: int = 0
    characters: int = 0
    tokens: int = 0
    unknown: int = 0
    bytes: int = 0
    scripts: Counter[str] = field(default_factory=Counter)

    def row(self, language: str, side: str) -> dict[str, Any]:
        found = find_language(language)
        return {
            "language": language,
            "side": side,
            "n_texts": self.texts,
            "n_words": self.words,
            "n_characters": self.characters,
            "n_tokens": self.tokens,
            "tokens_per_word": _ratio(self.tokens, self.words),
            "tokens_per_character": _ratio(self.tokens, self.characters),
            "unknown_share": _ratio(self.unknown, self.tokens),
            "byte_share": _ratio(self.bytes, self.tokens),
            "script": found.script if found else None,
            "script_share": share_in_script(self.scripts, found.script)
            if found and self.scripts
            else None,
            "scripts": dict(self.scripts.most_common(5)),
        }


def measure_fertility(corpus: Corpus, checkpoint: Checkpoint, progress: Progress) -> dict[str, Any]:
    """Every text counted, none sampled, as JSON: a row for each language and side.

    tokens_per_word : words are runs of letters, marks and digits, as elsewhere here; where words
        are written without spaces between them (Thai, Chinese), compare characters instead
    tokens_per_character : of what a reader takes for one character (grapheme cluster)
    unknown_share, byte_share : of the tokens, those for "unknown", and those for a single byte or
        another piece of a character
    script_share : of letters and marks, those in the script the language is written in
    """
    tokenizer = load_tokenizer(checkpoint)
    is_piece = _piece_of_character(tokenizer)
    found: dict[tuple[str, str], Counts] = {}
    progress.total(corpus.examples.count())
    progress.say("counting tokens")
    examples = corpus.examples.order_by("position").defer("extra").iterator(chunk_size=CHUNK)
    for n, example in enumerate(examples, start=1):
        for side in SIDES:
            if text := getattr(example, side):
                tag = example.source_lang if side == "input" else example.target_lang
                _count(found.setdefault((tag, side), Counts()), text, tokenizer, is_piece)
        if n % CHUNK == 0:
            progress.advance(CHUNK)
            progress.stop_if_cancelled()
    return {
        "checkpoint": checkpoint.name,
        "tokenizer": type(tokenizer).__name__,
        "vocabulary": len(tokenizer),
        "rows": [counts.row(*key) for key, counts in sorted(found.items())],
    }


def _count(counts: Counts, text: str, tokenizer: Any, is_piece: Callable[[int], bool]) -> None:
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    counts.texts += 1
    counts.words += len(words(text))
    counts.characters += len(clusters(text))
    counts.tokens += len(ids)
    counts.unknown += sum(token == tokenizer.unk_token_id for token in ids)
    counts.bytes += sum(map(is_piece, ids))
    counts.scripts.update(script_counts(text))


def _piece_of_character(tokenizer: Any) -> Callable[[int], bool]:
    """Whether a token is a single byte, or bytes that are no whole character by themselves."""
    known: dict[int, bool] = {}

    def is_piece(token: int) -> bool:
        if token not in known:
            written = str(tokenizer.convert_ids_to_tokens(token))
            known[token] = bool(BYTE.fullmatch(written)) or "\ufffd" in tokenizer.decode([token])
        return known[token]

    return is_piece


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
