"""The tables of WMT and Marot: out, in again, and as they are in the wild."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from annotation.formats import FORMATS
from annotation.importing import load_ratings
from annotation.models import Campaign, ErrorSpan, Rating
from common.errors import NikashError
from common.tables import BadTable
from models_app.loading.common import Loaded
from tests.annotation import exchange
from tests.people import small_dataset, small_system

pytestmark = pytest.mark.django_db
UNFIT = ("two\tcells\nand a line", "a <v>tag</v> of its own\r\n")


def kept(said: dict[str, Any], format_name: str) -> dict[str, Any]:
    """What of one answer these tables hold, as they declare."""
    errors = []
    for error in said["errors"]:
        if error["start"] is None:
            side = error["side"] if format_name == "marot" else "target"
            error = error | {"quoted": "", "side": side}
        errors.append(error)
    return {"errors": errors} | ({"time": said["time"]} if format_name == "marot" else {})


@pytest.mark.parametrize("format_name", ["wmt-mqm", "marot"])
@settings(max_examples=25, deadline=None)
@given(study=exchange.studies("mqm", more_texts=UNFIT))
def test_errors_come_back_as_they_went(format_name: str, study: dict[str, Any]) -> None:
    with exchange.forgotten(), tempfile.TemporaryDirectory() as folder:
        campaign = exchange.store(study)
        exchange.exported(campaign, format_name, Path(folder))
        if not study["ratings"]:
            return
        exchange.loaded(
            Path(folder, "ratings.tsv"), format_name, dataset=campaign.dataset, campaign="again"
        )
        again = exchange.said(Campaign.objects.get(name="again"))
        first = exchange.said(campaign)
        assert {place: kept(one, format_name) for place, one in again.items()} == {
            place: kept(one, format_name) for place, one in first.items()
        }


@pytest.mark.parametrize("format_name", ["wmt-mqm", "marot"])
def test_what_is_lost_is_counted(format_name: str, tmp_path: Path) -> None:
    error = {
        "side": "source",
        "start": None,
        "end": None,
        "quoted": "gone",
        "category": "Style",
        "severity": "minor",
        "note": "n",
    }
    aside = {"note": "a note", "flagged": True, "active_seconds": 3.0}
    plain = {"note": "", "flagged": False, "active_seconds": None}
    study = {
        "protocol": "mqm",
        "sources": ["a\tb"],
        "outputs": {("base", 0): "कुत्रा"},
        "ratings": [("r1", "base", 0, {"errors": [error]}, aside)]
        + [(rater, "base", 0, {"errors": []}, plain) for rater in ("r2", "r3")],
    }
    losses = exchange.exported(exchange.store(study), format_name, tmp_path)
    title = FORMATS.get(format_name).title
    flattened = (
        "3 judgements are of texts with tabs, line breaks or <v>; spaces and ‹v› stand for them"
    )
    expected = [
        f"1 note of a rater is not in {title}",
        f"1 flag of a rater is not in {title}",
        f"1 active time is not in {title}",
        f"1 quoted text without a place is not in {title}",
        flattened,
    ]
    if format_name == "wmt-mqm":
        expected.insert(0, f"3 times of answers are not in {title}")
        expected.append("1 error without a place is in the source; the table does not say so")
    assert losses == expected


HEADERS = {
    "wmt-mqm": "system\tdoc\tdoc_id\tseg_id\trater\tsource\ttarget\tcategory\tseverity\n",
    "marot": "system\tdoc\tdocSegId\tglobalSegId\trater\tsource\ttarget\tcategory\tseverity\t"
    "metadata\n",
}


@pytest.fixture
def dataset() -> Any:
    dataset = small_dataset("d", 3)
    small_system("Online-B", dataset, 'तो "कुत्रा" {number} धावला.')
    return dataset


def load(format_name: str, rows: list[str], dataset: Any) -> Loaded:
    kind = FORMATS.get(format_name)
    data = HEADERS[format_name] + "".join(f"{row}\n" for row in rows)
    source = kind.open(exchange.stream(data), "a.tsv")
    return load_ratings(source, dataset=dataset, campaign="c", format_name=format_name)


def refusals(format_name: str, rows: list[str], dataset: Any) -> list[tuple[Any, Any, str]]:
    with pytest.raises(NikashError) as caught:
        load(format_name, rows, dataset)
    assert Campaign.objects.count() == Rating.objects.count() == 0
    assert isinstance(caught.value, BadTable)
    return [(bad.row, bad.column, bad.reason) for bad in caught.value.problems]


def test_names_drift_and_quotation_marks_double(dataset: Any) -> None:
    quoted = 'तो ""<v>कुत्रा</v>"" 0 धावला.'
    loaded = load(
        "wmt-mqm",
        [
            f"ONLINE-B\td\t1\ts0\tr1\tThe dog\t{quoted}\taccuracy/mistranslation\tMAJOR ",
            "online-b\td\t1\ts0\tr1\tThe <v>dog</v>\tx\tOTHER/-\tneutral",
            "Online-B\td\t1\ts1\tr1\tx\ty\tno-error\tNo-Error",
        ],
        dataset,
    )
    assert loaded.n_new == 2
    target, source = ErrorSpan.objects.order_by("pk")
    assert (target.quoted, target.start, target.category) == (
        "कुत्रा",
        4,
        "Accuracy/Mistranslation",
    )
    assert (source.side, source.category, source.start) == ("source", "Other", 4)
    assert loaded.notes == ["2 categories were spelt otherwise than in the campaign's tree"]


def test_a_row_that_lacks_a_column_is_named(dataset: Any) -> None:
    whole = "Online-B\td\t1\ts0\tr1\ta\tb\tStyle\tMinor"
    [(row, _, reason)] = refusals("wmt-mqm", [whole, whole.removesuffix("\tMinor")], dataset)
    assert row == 3
    assert reason.startswith("8 cells where the header has 9")


def marot(*cells: str, metadata: str = "") -> str:
    category, severity, rater, target = cells
    return "\t".join(
        ["Online-B", "d", "1", "s0", rater, "The dog", target, category, severity, metadata]
    )


def test_marot_rows_without_errors_of_raters_are_counted(dataset: Any) -> None:
    target = 'तो "कुत्रा" 0 धावला.'
    loaded = load(
        "marot",
        [
            marot("", "", "", target, metadata='{"segment":{"metrics":{"chrF":41.2}}}'),
            marot("Found", "HOTW-test", "r1", target),
            marot("Style", "Minor", "r1", target, metadata="an old note"),
            marot("Style", "Minor", "r2", target, metadata='{"timestamp":1717330553879}'),
        ],
        dataset,
    )
    assert loaded.notes == [
        "1 rows have no rater, only metadata; left out",
        "1 rows are tests of attention (HOTW); left out",
    ]
    assert ErrorSpan.objects.get(rating__annotator__code="r1").note == "an old note"
    assert Rating.objects.get(annotator__code="r2").updated_at.timestamp() == 1717330553.879


def test_marot_places_are_found_by_tokens(dataset: Any) -> None:
    tokens = '"segment":{"target_tokens":["तो"," ","\\"","कुत्रा","\\" ","0"]}'
    target = 'तो "कुत्रा" 0 धावला.'
    load(
        "marot",
        [
            marot("Style", "Minor", "r1", target, metadata=f'{{"target_spans":[[3,3]],{tokens}}}'),
            marot("Style", "Minor", "r1", target, metadata='{"target_spans":[[2,3]]}'),
        ],
        dataset,
    )
    assert list(ErrorSpan.objects.order_by("pk").values_list("start", "quoted")) == [
        (4, "कुत्रा"),
        (3, '"कुत्रा'),
    ]


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ('{"timestamp":1717', "not JSON"),
        ('{"timestamp":NaN}', "NaN is not a JSON number"),
        (
            '{"target_spans":[[1,99]],"segment":{"target_tokens":["a","b"]}}',
            "names no tokens of the text",
        ),
        ('{"target_spans":"x","segment":{"target_tokens":["a","b"]}}', "names no tokens"),
    ],
)
def test_marot_metadata_that_cannot_be_read_is_named(
    metadata: str, reason: str, dataset: Any
) -> None:
    row = marot("Style", "Minor", "r1", "x", metadata=metadata)
    [(number, column, said)] = refusals("marot", [row], dataset)
    assert (number, column) == (2, "metadata")
    assert reason in said
