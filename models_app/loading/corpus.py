"""Load a corpus: instructions, parallel texts, or documents with summaries, and their card."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.errors import BadInput
from common.language_registry import language
from common.problems import Problems, shown
from common.records import Row
from models_app.corpora.hashing import refresh_card
from models_app.loading.common import (
    Loaded,
    all_or_nothing,
    check_fields,
    chunks,
    identifier,
    text,
)
from models_app.models import Corpus, Example, Split

# What each kind's file must have, by the field of the example it fills.
COLUMNS = {
    Corpus.Kind.INSTRUCTION: {"instruction": "instruction", "output": "output"},
    Corpus.Kind.PARALLEL: {"source": "input", "target": "output"},
    Corpus.Kind.SUMMARY: {"text": "input", "summary": "output"},
}
OPTIONAL = {Corpus.Kind.INSTRUCTION: {"input": "input"}}
CARD = ("kind", "source_lang", "target_lang", "licence", "origin", "text_origin", "produced_by")
SPLITS = {"dev": "valid", "validation": "valid", "val": "valid", **{s: s for s in Split.values}}
TEXTS = ("instruction", "input", "output")


@dataclass(frozen=True)
class Card:
    """What must be known of a corpus before a row of it is stored."""

    name: str
    kind: str
    source_lang: str
    target_lang: str
    licence: str
    origin: str
    text_origin: str
    produced_by: str = ""
    description: str = ""

    def checked(self) -> Corpus:
        """An unsaved corpus; BadInput where the card says too little."""
        for name in ("licence", "origin"):
            if not getattr(self, name).strip():
                raise BadInput(
                    f"the card has no {name}; write it, since adapters trained on the texts inherit"
                    " it (where it is not known, write unknown)"
                )
        language(self.source_lang), language(self.target_lang)
        corpus = Corpus(**vars(self))
        check_fields(corpus, exclude=("recipe", "split_recipe"))
        if self.text_origin in Corpus.NEED_A_PRODUCER and not self.produced_by.strip():
            raise BadInput(
                f"the texts are {corpus.get_text_origin_display()}: say by what "
                "(--produced-by, say NLLB-200-3.3B)"
            )
        if self.kind != Corpus.Kind.PARALLEL and self.source_lang != self.target_lang:
            raise BadInput(
                f"{corpus.get_kind_display()} are of one language; give the same one twice"
            )
        return corpus


def load_corpus(
    file: Any,
    card: Card,
    *,
    split: str = "",
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda n_rows: None,
) -> Loaded:
    """Store a file's examples under the card's name; the same file again changes nothing.

    file : a Table, or one of models_app.loading.pairs
    split : of every row, where the file has no column `split`

    Raises BadInput or BadTable, and then nothing is stored.
    """
    problems = Problems(file.name)
    with all_or_nothing(problems, dry_run=dry_run):
        loader = _Loader(_stored(card.checked()), split, problems)
        for chunk in chunks(file.rows(*loader.columns(file), problems)):
            loader.store(chunk)
            progress(loader.loaded.n_rows)
        if loader.loaded.n_new and (loader.corpus.split_recipe or loader.corpus.subsets.exists()):
            problems.add("the corpus was split or drawn from; load new examples under another name")
        if not problems.n:
            refresh_card(loader.corpus)
    return loader.loaded


def _stored(wanted: Corpus) -> Corpus:
    found = Corpus.objects.select_for_update().filter(name=wanted.name).first()
    if found is None:
        wanted.save()
        return wanted
    if found.recipe:
        raise BadInput(f"{found.name!r} was made from other corpora; load into another name")
    for name in CARD:
        if getattr(found, name) != getattr(wanted, name):
            raise BadInput(
                f"the corpus {found.name!r} exists with the {name.replace('_', ' ')} "
                f"{shown(getattr(found, name))}; give the same or another name"
            )
    return found


class _Loader:
    def __init__(self, corpus: Corpus, split: str, problems: Problems) -> None:
        self.corpus, self.split, self.problems = corpus, split, problems
        self.loaded = Loaded()
        self.position = corpus.examples.count()
        self.seen: dict[str, int] = {}
        kind = Corpus.Kind(corpus.kind)
        self.required = COLUMNS[kind]
        self.optional = OPTIONAL.get(kind, {})

    def columns(self, file: Any) -> tuple[list[str], list[str]]:
        """Columns that must be there, and that may; JSON may hold pairs inside `translation`."""
        required, may = list(self.required), [*self.optional, "key", "split"]
        nested = self.corpus.kind == Corpus.Kind.PARALLEL and file.format in ("jsonl", "")
        return ([], [*required, *may]) if nested else (required, may)

    def store(self, rows: list[Row]) -> None:
        wanted = []
        for row in rows:
            self.loaded.see(row)
            if example := self._example(row):
                wanted.append((row, example))
        keys = [example.key for _, example in wanted]
        stored = {e.key: e for e in self.corpus.examples.filter(key__in=keys)}
        new = []
        for row, example in wanted:
            if example.key in stored:
                self._compare(row, example, stored[example.key])
            else:
                example.position = self.position
                self.position += 1
                new.append(example)
        if not self.problems.n:
            Example.objects.bulk_create(new)
        self.loaded.n_new += len(new)

    def _example(self, row: Row) -> Example | None:
        before = self.problems.n
        row = self._unnested(row)
        split = self._split(row)
        key = f"{split}-{row.number}" if split else str(row.number)
        if row.cells.get("key") not in ("", None):
            key = identifier(row, "key", self.problems) or ""
        fields = {
            field: text(row, column, self.problems, required=True)
            for column, field in self.required.items()
        } | {
            field: text(row, column, self.problems, required=False)
            for column, field in self.optional.items()
        }
        if key in self.seen:
            self.problems.add(
                f"{shown(key)} stands already in row {self.seen[key]}; keys must differ",
                row.number,
                "key",
            )
        if self.problems.n > before:
            return None
        self.seen[key] = row.number
        plain = {*self.required, *self.optional, "key", "split", "translation"}
        return Example(
            corpus=self.corpus,
            key=key,
            split=split,
            source_lang=self.corpus.source_lang,
            target_lang=self.corpus.target_lang,
            extra={n: v for n, v in row.cells.items() if n not in plain and v not in ("", None)},
            **fields,
        )

    def _unnested(self, row: Row) -> Row:
        """{"translation": {"en": ..., "ga": ...}} as source and target, whichever way round."""
        pair = row.cells.get("translation")
        if self.corpus.kind != Corpus.Kind.PARALLEL or pair is None:
            return row
        tags = {"source": self.corpus.source_lang, "target": self.corpus.target_lang}
        if not isinstance(pair, dict) or any(tag not in pair for tag in tags.values()):
            found = ", ".join(pair) if isinstance(pair, dict) else shown(pair)
            self.problems.add(
                f"has {found or 'nothing'}; it must hold {' and '.join(tags.values())}",
                row.number,
                "translation",
            )
            return row
        return Row(row.number, row.cells | {side: pair[tag] for side, tag in tags.items()})

    def _split(self, row: Row) -> str:
        value = row.cells.get("split")
        if value in ("", None):
            return self.split
        split = SPLITS.get(value.strip().lower()) if isinstance(value, str) else None
        if split is None:
            self.problems.add(
                f"{shown(value)} is no split; write train, valid or test", row.number, "split"
            )
        return split or ""

    def _compare(self, row: Row, example: Example, stored: Example) -> None:
        if any(getattr(example, name) != getattr(stored, name) for name in (*TEXTS, "extra")):
            self.problems.add(
                f"another text is stored for the example {shown(example.key)}; texts are never "
                "overwritten: give keys or a split, or load it into a new corpus",
                row.number,
            )
        else:
            self.loaded.n_unchanged += 1
