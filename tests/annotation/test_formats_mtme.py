"""EvalSets of MTME: a campaign goes out and comes back whole; sets of others come in."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.models import Campaign, ErrorSpan, Rating, RatingScore
from common.errors import NikashError
from tests.annotation import exchange
from tests.people import small_dataset, small_system

pytestmark = pytest.mark.django_db
UNFIT = ("two\tcells\nand a line", "लांब\r\nओळ <v> ")


@pytest.mark.parametrize("protocol", ["mqm", "esa"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_marked_errors_come_back_exactly(protocol: str, data: Any) -> None:
    study = data.draw(exchange.studies(protocol, more_texts=UNFIT))
    with exchange.forgotten(), tempfile.TemporaryDirectory() as name:
        campaign = exchange.store(study)
        folder = Path(name, "set")
        losses = exchange.exported(campaign, "mtme", folder)
        assert not [loss for loss in losses if "line breaks" not in loss]
        if not study["ratings"]:
            return
        where = exchange.zipped(folder, below="top/") if data.draw(st.booleans()) else folder
        options = {"dataset": campaign.dataset, "campaign": "again", "protocol": protocol}
        loaded = exchange.loaded(where, "mtme", **options)
        assert (loaded.n_new, loaded.notes) == (len(study["ratings"]), [])
        again = Campaign.objects.get(name="again")
        assert exchange.said(again) == exchange.said(campaign)
        assert exchange.loaded(where, "mtme", **options).n_new == 0


@pytest.mark.parametrize("protocol", ["sqm", "da"])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_scores_come_back_exactly(protocol: str, data: Any) -> None:
    study = data.draw(exchange.studies(protocol))
    with exchange.forgotten(), tempfile.TemporaryDirectory() as folder:
        campaign = exchange.store(study)
        losses = exchange.exported(campaign, "mtme", Path(folder))
        first = {place: one["score"] for place, one in exchange.said(campaign).items()}
        n_unjudged = sum(score == "cannot_judge" for score in first.values())
        assert any("cannot judge" in loss for loss in losses) == bool(n_unjudged)
        if n_unjudged == len(first):
            return
        exchange.loaded(
            Path(folder), "mtme", dataset=campaign.dataset, campaign="again", protocol=protocol
        )
        again = exchange.said(Campaign.objects.get(name="again"))
        assert {place: one["score"] for place, one in again.items()} == {
            place: score for place, score in first.items() if score != "cannot_judge"
        }


@pytest.fixture
def dataset() -> Any:
    dataset = small_dataset("d", 2)
    small_system("base", dataset)
    return dataset


ERROR = {"start": 9, "end": 14, "category": "style", "severity": "Minor", "score": 1.0}


def foreign(folder: Path, rows: list[str], name: str = "mqm.seg.rating") -> Path:
    """A set as others publish it: no keys, a second language pair's scores beside it."""
    for file, text in {
        "sources/en-mr.txt": "The dog ran 0 times.\nThe dog ran 1 times.\n",
        "system-outputs/en-mr/BASE.txt": "कुत्रा 0 धावला.\nकुत्रा 1 धावला.\n",
        f"human-scores/en-mr.{name}": "".join(f"{row}\n" for row in rows),
    }.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def rating(*errors: dict[str, Any], rater: str = "\trater3") -> str:
    return f"BASE\t{json.dumps({'errors': list(errors)})}{rater}"


def test_a_published_set_comes_in(dataset: Any, tmp_path: Path) -> None:
    source = ERROR | {"start": 4, "end": 7, "is_source_error": True, "category": None}
    foreign(tmp_path, [rating(ERROR, source), "BASE\tNone"])
    exchange.loaded(tmp_path, "mtme", dataset=dataset, campaign="c")
    target, source = ErrorSpan.objects.order_by("pk")
    assert (target.quoted, target.category, target.severity) == ("धावला", "Style", "minor")
    assert (source.side, source.quoted, source.category) == ("source", "dog", "")
    assert Rating.objects.get().annotator.code == "rater3"
    assert RatingScore.objects.get().value == 2


def test_a_file_of_scores_is_chosen_by_its_name(dataset: Any, tmp_path: Path) -> None:
    foreign(tmp_path, ["BASE 71.5", "BASE None"], "wmt-appraise.seg.score")
    foreign(tmp_path, ["BASE -0.5", "BASE 1.5"], "wmt-z.seg.score")
    options = {"dataset": dataset, "campaign": "c", "protocol": "da"}
    columns = {"score": "wmt-appraise"}
    exchange.loaded(tmp_path, "mtme", columns=columns, **options)
    score = RatingScore.objects.select_related("rating__annotator").get()
    assert (score.value, score.rating.annotator.code) == (71.5, "wmt-appraise")
    with pytest.raises(NikashError, match=r"there is no file human-scores/en-mr\.nope\.seg\.score"):
        exchange.loaded(tmp_path, "mtme", columns={"score": "nope"}, **options)


BAD_RATINGS = {
    "cut off": ('BASE\t{"errors": [\tr', "not JSON"),
    "not a number": (rating(ERROR).replace("1.0", "NaN"), "NaN is not a JSON number"),
    "a list": ("BASE\t[]\tr", 'a rating is {"errors": [...]}'),
    "an error that is none": ('BASE\t{"errors": [5]}\tr', "5 is no error"),
    "an offset in words": (rating(ERROR | {"start": "9"}), "are no offsets"),
    "an unknown severity": (rating(ERROR | {"severity": "huge"}), "no severity 'huge'"),
    "an unknown system": (rating(ERROR).replace("BASE", "nope"), "no output of system 'nope'"),
    "one column": ("BASE", "1 columns where 2 are wanted"),
}


@pytest.mark.parametrize("case", BAD_RATINGS)
def test_a_bad_line_is_named(case: str, dataset: Any, tmp_path: Path) -> None:
    row, reason = BAD_RATINGS[case]
    foreign(tmp_path, ["BASE\tNone", row])
    with pytest.raises(NikashError) as caught:
        exchange.loaded(tmp_path, "mtme", dataset=dataset, campaign="c")
    assert "human-scores/en-mr.mqm.seg.rating, row 2" in caught.value.message
    assert reason in caught.value.message
    assert Campaign.objects.count() == Rating.objects.count() == 0


def test_a_span_outside_the_text_keeps_its_penalty(dataset: Any, tmp_path: Path) -> None:
    foreign(tmp_path, [rating(ERROR | {"end": 99}), "BASE\tNone"])
    loaded = exchange.loaded(tmp_path, "mtme", dataset=dataset, campaign="c")
    assert (
        loaded.notes
        == [
            "1 categories were spelt otherwise than in the campaign's tree",
            "1 spans have no place: their text is not in the stored text",
        ]
        or len(loaded.notes) == 2
    )
    assert ErrorSpan.objects.get().start is None
    assert RatingScore.objects.get().value == 1


def test_folders_that_are_no_evalset_are_refused(dataset: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 cut off")
    (tmp_path / "empty.zip").write_bytes(b"")
    for name, reason in {
        "empty": "holds the language pairs none",
        "bad.zip": "this is no .zip file",
        "empty.zip": "this is no .zip file",
        "nope.zip": "cannot be opened",
    }.items():
        with pytest.raises(NikashError, match=reason):
            exchange.loaded(tmp_path / name, "mtme", dataset=dataset, campaign="c")
    foreign(tmp_path / "set", [rating(ERROR)])
    with pytest.raises(NikashError, match="1 lines of 'BASE' for 2 segments"):
        exchange.loaded(tmp_path / "set", "mtme", dataset=dataset, campaign="c")
    (tmp_path / "set/sources/en-mr.txt").write_text("another\nThe dog ran 1 times.\n")
    with pytest.raises(NikashError, match=r"en-mr\.txt, row 1.*no segment with the source"):
        exchange.loaded(tmp_path / "set", "mtme", dataset=dataset, campaign="c")
