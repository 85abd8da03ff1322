"""Every loader with real files of its own: a small study's, written by our own exporters."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings

from annotation.accounts import create_account
from annotation.exporting import export_ratings
from annotation.formats import FORMATS
from annotation.guidelines import as_html
from annotation.importing import load_ratings
from annotation.interchange.opening import open_ratings
from annotation.models import Campaign, Item
from annotation.quality_loading import load_quality
from annotation.services import close_campaign, open_campaign
from annotation.simulation import simulate
from annotation.simulation.raters import SimulatedRater
from benchmarks.fuzzing import archives, models
from benchmarks.fuzzing.trial import Loader, Seeds
from common.tables import open_table
from common.text import storable, text_hash
from metrics.loading_scores import load_scores
from models_app.loading.corpus import Card, load_corpus
from models_app.loading.dataset import load_dataset
from models_app.loading.outputs import load_outputs
from models_app.loading.pairs import open_examples
from models_app.models import Dataset, Output, Segment, System
from studies.configuration import read_configuration

WRITTEN = ["कुत्रा {n} वेळा धावला, क्षत्रिय!", "तो कुत्रा {n} वेळा – “जोरात” 😀.", "a\u200db {n}"]
ALL_PROTOCOLS = ("sqm", "mqm", "esa", "sidebyside", "questionnaire")
PROTOCOL_OF = {
    "ratings": "sqm", "nikash": "mqm", "wmt-mqm": "mqm", "marot": "mqm", "mtme": "mqm",
    "appraise": "esa", "label-studio": "mqm", "pearmut": "esa",
}  # fmt: skip


def loaders() -> list[Loader]:
    """Call it once in an empty database; the study the files belong to stays there."""
    empty = archives.empty_site()
    dataset = _dataset()
    campaigns = {protocol: _campaign(dataset, protocol) for protocol in ALL_PROTOCOLS}
    draft = _draft(dataset)
    ratings = [
        _ratings_loader(name, dataset, campaigns[protocol])
        for name, protocol in PROTOCOL_OF.items()
    ]
    others = [*models.loaders(), *archives.loaders(campaigns, empty), _studies(), _guidelines()]
    return [*_tables(dataset, draft), *ratings, *others]


def _dataset() -> Dataset:
    dataset = Dataset.objects.create(name="fuzzed", source_lang="en", target_lang="mr")
    for n in range(4):
        segment = Segment.objects.create(
            dataset=dataset, key=f"s{n}", position=n, source=f"The dog ran {n} times.",
            references=[WRITTEN[0].format(n=n)], document=f"d{n // 2}", domain="news",
        )  # fmt: skip
        for name, text in zip(("base", "org/lora v2"), WRITTEN, strict=False):
            system, _ = System.objects.get_or_create(name=name)
            words = text.format(n=n)
            Output.objects.create(
                system=system, segment=segment, text=words, text_hash=text_hash(words)
            )
    create_account(username="fuzz", role="admin", password="correct-horse-battery")
    return dataset


def _campaign(dataset: Dataset, protocol: str) -> Campaign:
    campaign = Campaign.objects.create(name=f"c {protocol}", dataset=dataset, protocol=protocol)
    campaign.systems.set(System.objects.filter(outputs__segment__dataset=dataset))
    open_campaign(campaign)
    campaign.refresh_from_db()
    simulate(campaign, [SimulatedRater("r1", 1)])
    close_campaign(campaign)
    return campaign


def _draft(dataset: Dataset) -> Campaign:
    campaign = Campaign.objects.create(name="draft", dataset=dataset, protocol="sqm")
    campaign.systems.set(System.objects.filter(outputs__segment__dataset=dataset))
    return campaign


def _tables(dataset: Dataset, draft: Campaign) -> list[Loader]:
    segments = [
        {"key": f"n{n}", "source": f"Line {n}, “quoted”.", "reference": "ओळ", "document": "d",
         "domain": "news", "context": "c"} for n in range(4)
    ]  # fmt: skip
    outputs = [
        {"system": "new", "key": f"s{n}", "output": text.format(n=n)}
        for n, text in enumerate([*WRITTEN, "x"])
    ]
    scores = [
        {"system": "base", "key": f"s{n}", "metric": "comet", "score": 0.5 + n} for n in range(4)
    ]
    quality = [{"key": f"s{n}", "output": f"वेगळे {n}", "score": n} for n in range(3)]
    pairs = [
        {"key": f"k{n}", "source": f"one {n}", "target": f"एक {n}", "split": "train"}
        for n in range(4)
    ]
    asked = [{"instruction": f"Say {n}", "input": "", "output": f"{n} म्हणा"} for n in range(4)]
    return [
        Loader("dataset", _as_files("d", segments), _opened(_dataset_from)),
        Loader("outputs", _as_files("o", outputs), _opened(partial(load_outputs, dataset=dataset))),
        Loader("scores", _as_files("s", scores), partial(_scores, dataset)),
        Loader("quality", _as_files("q", quality), _opened(partial(
            load_quality, campaign=draft, purpose=Item.Purpose.TRAINING
        ))),
        Loader("corpus-parallel", _as_files("p", pairs) | {
            "t.jsonl": _lines([{"translation": {"en": f"a{n}", "mr": "अ"}} for n in range(3)]),
            "l.json": json.dumps({"data": pairs}, ensure_ascii=False).encode(),
        }, partial(_corpus, "parallel")),
        Loader("corpus-lines", {"a.txt": b"one\ntwo\nthree\n"}, _two_files),
        Loader("corpus-instruction", _as_files("i", asked) | {
            "l.json": json.dumps(asked, ensure_ascii=False).encode()
        }, partial(_corpus, "instruction")),
    ]  # fmt: skip


def _as_files(name: str, rows: list[dict[str, Any]]) -> Seeds:
    """The same rows as CSV, TSV, JSON Lines, and packed."""
    header = list(rows[0])
    csv = [",".join(header)] + [
        ",".join(f'"{value}"' if "," in str(value) else str(value) for value in row.values())
        for row in rows
    ]
    tsv = ["\t".join(header)] + ["\t".join(map(str, row.values())) for row in rows]
    found = {
        f"{name}.csv": "\r\n".join([*csv, ""]).encode(),
        f"{name}.tsv": "\n".join([*tsv, ""]).encode(),
        f"{name}.jsonl": _lines(rows),
    }
    return found | {f"{name}.csv.gz": models.packed(found[f"{name}.csv"])}


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _opened(load: Callable[[Any], object]) -> Callable[[Path], object]:
    def run(path: Path) -> object:
        with open_table(path) as table:
            return load(table)

    return run


def _dataset_from(table: Any) -> object:
    return load_dataset(table, name="loaded", source_lang="en", target_lang="mr")


def _scores(dataset: Dataset, path: Path) -> object:
    return load_scores(path, dataset=dataset)


def _card(kind: str) -> Card:
    return Card(
        name="loaded", kind=kind, source_lang="en" if kind == "parallel" else "mr",
        target_lang="mr", licence="CC-BY-4.0", origin="made up", text_origin="native",
    )  # fmt: skip


def _corpus(kind: str, path: Path) -> object:
    with open_examples([str(path)]) as file:
        return load_corpus(file, _card(kind))


def _two_files(path: Path) -> object:
    other = path.with_name("b.txt")
    other.write_bytes("एक\nदोन\nतीन\n".encode())
    with open_examples([str(path), str(other)]) as file:
        return load_corpus(file, _card("parallel"))


def _ratings_loader(name: str, dataset: Dataset, campaign: Campaign) -> Loader:
    export = export_ratings(campaign, name)
    files = {one: b"".join(pieces) for one, pieces in export.files.items()}
    kind = FORMATS.get(name)
    seeds: dict[str, bytes] = {} if name == "mtme" else _flat(files)
    if "zip" in kind.endings:
        seeds["all.zip"] = _zipped(files)

    def load(path: Path) -> object:
        with open_ratings(str(path), kind) as source:
            return load_ratings(
                source,
                dataset=None if kind.restores else dataset,
                campaign="loaded",
                format_name=name,
                protocol=None if kind.restores else campaign.protocol,
            )

    return Loader(f"ratings-{name}", seeds, load)


def _flat(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.replace("/", "-"): data for name, data in files.items()}


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def _studies() -> Loader:
    folder = settings.FIXTURES / "studies"
    seeds = {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}
    return Loader("study", seeds, lambda path: read_configuration(str(path)), writes=False)


def _guidelines() -> Loader:
    """Their Markdown, which nothing may make into more than text."""
    folder = settings.FIXTURES / "guidelines"
    seeds = {path.name: path.read_bytes() for path in sorted(folder.glob("mqm.*.md"))}

    def load(path: Path) -> object:
        html = as_html(storable(path.read_bytes().decode("utf-8", "replace")))
        if "<script" in html or "<img" in html:
            raise AssertionError(html)
        return html

    return Loader("guideline", seeds, load, writes=False)
