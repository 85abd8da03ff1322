"""Real ratings of WMT's shared tasks go through the admins' commands and give known numbers."""

import csv
import gzip
import json
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Avg, Count

from annotation.models import Campaign, ErrorSpan, Rating, RatingEvent, RatingScore
from models_app.models import Output, Segment, System

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "wmt"
TED = DATA / "ted2021_mqm"
FLORES = DATA / "florestest2021_bnhi_da"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the real ratings are not beside this repository (shared/data)"
    ),
]
LANGUAGES = {"ende": ("en", "de", "ref"), "zhen": ("zh", "en", "refB")}


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def write_ted_dataset(path: Path, pair: str) -> Path:
    """Sources from the annotations, references from the human system's outputs."""
    human = LANGUAGES[pair][2]
    references = {
        row["seg_id"]: row["text"]
        for row in rows(TED / f"outputs.{pair}.csv.gz")
        if row["system"] == human
    }
    segments = {
        row["seg_id"]: [re.sub("</?v>", "", row["source"]), row["doc"], references[row["seg_id"]]]
        for row in rows(TED / f"annotations.{pair}.csv.gz")
    }
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["seg_id", "source", "document", "reference"])
        writer.writerows([key, *cells] for key, cells in segments.items())
    return path


def load_ted(tmp_path: Path, pair: str) -> None:
    source_lang, target_lang, _ = LANGUAGES[pair]
    dataset = f"ted {pair}"
    call_command(
        "load_dataset",
        str(write_ted_dataset(tmp_path / "segments.csv", pair)),
        f"--name={dataset}",
        f"--source-lang={source_lang}",
        f"--target-lang={target_lang}",
        "--map=key=seg_id",
    )
    outputs = str(TED / f"outputs.{pair}.csv.gz")
    call_command(
        "load_outputs", outputs, f"--dataset={dataset}", "--map=key=seg_id", "--map=output=text"
    )
    ratings = str(TED / f"annotations.{pair}.csv.gz")
    call_command(
        "load_ratings", ratings, f"--dataset={dataset}", f"--campaign={pair}", "--format=wmt-mqm"
    )


def expected_mqm(pair: str) -> dict[str, Any]:
    return json.loads((TED / "expected.json").read_text())["lp"][pair]["mqm"]


def segment_penalties() -> dict[tuple[str, str], float]:
    """(system, key) to the mean penalty over raters."""
    means = RatingScore.objects.values_list(
        "output__system__name", "output__segment__key"
    ).annotate(mean=Avg("value"))
    return {(system, key): mean for system, key, mean in means.order_by()}


def assert_scores_are_the_published(expected: dict[str, Any]) -> None:
    penalties = segment_penalties()
    by_system: dict[str, list[float]] = {}
    for (system, _), penalty in penalties.items():
        by_system.setdefault(system, []).append(penalty)
    means = {system: statistics.fmean(values) for system, values in by_system.items()}
    assert means == pytest.approx(expected["system_mean_penalty"], abs=1e-6)
    assert means == pytest.approx(expected["published_penalty"], abs=0.01)
    assert sorted(means, key=means.__getitem__) == expected["ranking_best_first"]
    for place, score in expected["segment_scores_sample"].items():
        system, key = place.split("|")
        assert penalties[system, key] == pytest.approx(-score, abs=1e-9), place
    assert sum(penalties.values()) == pytest.approx(-expected["sum_of_all_segment_scores"])
    n_without_error = sum(penalty == 0 for penalty in penalties.values())
    assert n_without_error == expected["segments_with_score_zero"]


def assert_spans_quote_the_stored_text() -> None:
    n_placed = 0
    for span in ErrorSpan.objects.select_related("output__segment").iterator():
        if span.start is not None:
            shown = span.output.segment.source if span.side == "source" else span.output.text
            assert shown[span.start : span.end] == span.quoted
            n_placed += 1
    assert n_placed > 0.98 * ErrorSpan.objects.count()


@pytest.mark.parametrize("pair", ["ende", "zhen"])
def test_published_mqm_scores_come_out_of_the_annotations(pair: str, tmp_path: Path) -> None:
    load_ted(tmp_path, pair)
    expected = expected_mqm(pair)
    assert Segment.objects.count() == expected["n_segments"]
    assert Campaign.objects.get().systems.count() == expected["n_systems"]
    assert ErrorSpan.objects.count() == expected["n_error_rows"]
    assert_scores_are_the_published(expected)
    assert_spans_quote_the_stored_text()
    humans = System.objects.filter(kind=System.Kind.HUMAN).values_list("name", flat=True)
    assert set(humans) == ({"ref"} if pair == "ende" else {"ref", "refB"})


def test_direct_assessments_keep_every_score_and_load_once(tmp_path: Path, capsys: Any) -> None:
    load_flores()
    counted = n_stored()
    load_flores()
    assert n_stored() == counted
    assert "0 new, 4461 already there" in capsys.readouterr().err
    expected = json.loads((FLORES / "expected.json").read_text())["da"]
    for rater, (mean, deviation, n) in expected["rater_mean_sd_n"].items():
        scores = RatingScore.objects.filter(rating__annotator__code=rater)
        values = list(scores.values_list("value", flat=True))
        assert len(values) == n
        assert statistics.fmean(values) == pytest.approx(mean, abs=1e-6)
        assert statistics.stdev(values) == pytest.approx(deviation, abs=1e-6)
    systems = RatingScore.objects.values_list("output__system__name").annotate(
        Avg("value"), Count("pk")
    )
    for system, raw, n in systems.order_by():
        assert raw == pytest.approx(expected["system"][system]["raw"], abs=1e-6)
        assert n == expected["system"][system]["n"]


def n_stored() -> list[int]:
    return [model.objects.count() for model in (Segment, Output, Rating, RatingEvent, RatingScore)]


def load_flores() -> None:
    call_command(
        "load_dataset",
        str(FLORES / "segments.csv.gz"),
        "--name=flores",
        "--source-lang=bn",
        "--target-lang=hi",
        "--map=key=seg_id",
        "--map=source=source_bn",
        "--map=reference=ref_hi",
        "--map=document=doc",
    )
    call_command(
        "load_outputs",
        str(FLORES / "outputs.csv.gz"),
        "--dataset=flores",
        "--map=key=seg_id",
        "--map=output=text",
    )
    call_command(
        "load_ratings",
        str(FLORES / "ratings.csv.gz"),
        "--dataset=flores",
        "--campaign=flores",
        "--map=key=seg_id",
        "--protocol=da",
    )
