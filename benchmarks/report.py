"""Time the whole report of a made-up study, and how it grows with the number of ratings.

    python -m benchmarks.report [--systems 16] [--segments 1200] [--raters 3] [--json FILE]

The study is made in a database of its own that is thrown away: direct assessments, texts of a few
words, and twelve metrics that need no checkpoint.  Halves, quarters and eighths of the segments
come first: the ratio of neighbouring lines is about 2 where time grows linearly, and the exponent
of the fitted power is about 1, less where a fixed part is not outgrown yet.  Each report is made
in a process of its own; its memory is the peak beyond what there was before it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.apart import apart
from benchmarks.recording import Plot, Record

WORDS = [f"{start}{middle}{end}" for start in "कखगतद" for middle in "ािी" for end in "रलसमन"]
REPEATS = 3
METRICS = (
    "bleu",
    "bleu_intl",
    "bleu_char",
    "chrf",
    "chrfpp",
    "ter",
    "rouge1",
    "rouge2",
    "rougeL",
    "token_f1",
    "exact_match",
    "length_ratio",
)


def django_in(folder: str) -> None:
    """Set up Django on an empty database in `folder`."""
    os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
    os.environ["NIKASH_DATA_DIR"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def made_up(name: str, *, systems: int, segments: int, raters: int) -> Any:
    """A campaign with every output judged by every rater, and its metrics computed."""
    from annotation.models import Annotator, Campaign, Item, ItemOutput, Rating, RatingScore
    from common.text import text_hash
    from metrics.scoring import create_run, score_run
    from models_app.models import Dataset, Output, Segment, System

    rng = np.random.default_rng(1)

    def text() -> str:
        return " ".join(rng.choice(WORDS, 6))

    dataset = Dataset.objects.create(name=name, source_lang="en", target_lang="mr")
    campaign = Campaign.objects.create(
        name=name, dataset=dataset, protocol="da", origin=Campaign.Origin.IMPORTED
    )
    parts = Segment.objects.bulk_create(
        Segment(
            dataset=dataset,
            key=f"s{n}",
            position=n,
            source=text(),
            references=[text()],
            domain=f"domain {n % 4}",
        )
        for n in range(segments)
    )
    people = Annotator.objects.bulk_create(
        Annotator(code=f"r{n}", scope=name, origin="imported") for n in range(raters)
    )
    for place in range(systems):
        system, _ = System.objects.get_or_create(name=f"system {place:02}", kind="imported")
        campaign.systems.add(system)
        made = [(part, text()) for part in parts]
        outputs = Output.objects.bulk_create(
            Output(system=system, segment=part, text=words, text_hash=text_hash(words))
            for part, words in made
        )
        items = Item.objects.bulk_create(
            Item(
                campaign=campaign,
                segment=output.segment,
                position=place * segments + n,
                block=n,
            )
            for n, output in enumerate(outputs)
        )
        ItemOutput.objects.bulk_create(
            ItemOutput(item=item, output=output, slot=0)
            for item, output in zip(items, outputs, strict=True)
        )
        n_ratings = len(items) * raters
        values = np.clip(rng.normal(50 + place, 20, n_ratings), 0, 100).round()
        ratings = Rating.objects.bulk_create(
            Rating(
                item=items[n // raters],
                annotator=people[n % raters],
                answer={"outputs": {"0": float(values[n])}},
                is_complete=True,
                active_seconds=9.0,
            )
            for n in range(n_ratings)
        )
        RatingScore.objects.bulk_create(
            RatingScore(
                rating=rating,
                output=outputs[n // raters],
                criterion="score",
                value=values[n],
            )
            for n, rating in enumerate(ratings)
        )
    run = create_run(dataset=dataset, campaign=campaign, metrics=METRICS)
    score_run(run, lambda done, total, message: None)
    return campaign


def timed(campaign: Any) -> tuple[float, dict[str, float]]:
    """Seconds in all, and of each table, by the report's own progress."""
    from metrics.reports.payload import build_payload

    marks: list[tuple[str, float]] = []
    start = time.perf_counter()
    build_payload(
        campaign, report=lambda done, total, name: marks.append((name, time.perf_counter()))
    )
    ends = [moment for _name, moment in marks[1:]]
    tables = {name: end - begin for (name, begin), end in zip(marks, ends, strict=False) if name}
    return time.perf_counter() - start, {"loading": marks[0][1] - start, **tables}


def main() -> None:
    """Print the doubling series, and the parts of the whole."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--systems", type=int, default=16)
    parser.add_argument("--segments", type=int, default=1200)
    parser.add_argument("--raters", type=int, default=3)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        django_in(folder)
        record = Record("A whole report", "python -m benchmarks.report")
        sizes, times, parts = [], [], {}
        print(f"{'ratings':>9} {'seconds':>9} {'ratio':>7} {'MiB':>7}")
        for segments in (chosen.segments // part for part in (8, 4, 2, 1)):
            campaign = made_up(
                f"study {uuid.uuid4().hex[:6]}",
                systems=chosen.systems,
                segments=segments,
                raters=chosen.raters,
            )
            if not times:
                timed(campaign)  # what is imported and compiled once
            found = [apart(partial(timed, campaign)) for _ in range(REPEATS)]
            runs, memory = [run for run, _ in found], [mebibytes for _, mebibytes in found]
            whole, parts = statistics.median(run[0] for run in runs), runs[-1][1]
            n_ratings = chosen.systems * segments * chosen.raters
            ratio = f"{whole / times[-1]:7.2f}" if times else ""
            most = statistics.median(memory)
            print(f"{n_ratings:9} {whole:9.2f} {ratio:>7} {most:7.0f}", flush=True)
            record.add(
                f"{n_ratings:,} ratings", [run[0] for run in runs], "s",
                ratio=times[-1] * n_ratings / sizes[-1] / whole if times else None,
                against=f"in proportion to {sizes[-1]:,} ratings" if sizes else "",
            )  # fmt: skip
            record.add(f"{n_ratings:,} ratings: peak memory", memory, "MiB")
            sizes.append(n_ratings)
            times.append(whole)
        exponent = np.polyfit(np.log(sizes), np.log(times), 1)[0]
        print(f"time grows as ratings to the power of {exponent:.2f}")
        record.add("power of the ratings that time grows as", [float(exponent)], "")
        points = [(float(x), y) for x, y in zip(sizes, times, strict=True)]
        record.plots.append(Plot("A whole report", "ratings", "s", {"report": points}, log=True))
        record.notes.append(f"{chosen.systems} systems, {len(METRICS)} metrics.")
        record.write(chosen.json)
        print(f"\nThe last, {chosen.systems} systems and {len(METRICS)} metrics, by table:")
        for name, part in sorted(parts.items(), key=lambda item: -item[1]):
            print(f"{name:24} {part:8.2f}")
        print(f"database: {sum(f.stat().st_size for f in Path(folder).iterdir()) >> 20} MiB")


if __name__ == "__main__":
    main()
