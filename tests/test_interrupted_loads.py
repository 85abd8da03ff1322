"""Who stops a load with Ctrl-C finds everything as it was; while it runs it says how far it is."""

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Annotator, Campaign, Rating
from common.tables import open_table
from metrics.models import SegmentScore
from models_app.management.cli import Counter, time_left
from models_app.models import Dataset, Output, Segment, System

pytestmark = pytest.mark.django_db(transaction=True)

N = 1200  # rows: several chunks of every loader
KEPT = (Annotator, Campaign, Rating, SegmentScore, Dataset, Output, Segment, System)
FILES = {
    "load_dataset": ("key,source,reference", "k{n},source {n},reference"),
    "load_outputs": ("system,key,output", "new,s{n},text {n}"),
    "load_scores": ("system,key,metric,score", "base,s{n},comet,0.5"),
    "load_ratings": ("rater,system,key,score", "R1,base,s{n},3"),
}


@pytest.fixture
def stored():
    dataset = Dataset.objects.create(name="d", source_lang="en", target_lang="mr")
    base = System.objects.create(name="base", kind="imported")
    segments = Segment.objects.bulk_create(
        Segment(dataset=dataset, key=f"s{n}", position=n, source=f"source {n}") for n in range(N)
    )
    Output.objects.bulk_create(Output(system=base, segment=s, text="शब्द") for s in segments)


def options(command):
    if command == "load_dataset":
        return {"name": "other", "source_lang": "en", "target_lang": "mr"}
    return {"dataset": "d"} | ({"campaign": "c"} if command == "load_ratings" else {})


@pytest.mark.parametrize("command", FILES)
def test_nothing_half_is_kept(command, stored, tmp_path, monkeypatch):
    head, row = FILES[command]
    path = tmp_path / "file.csv"
    path.write_text("\n".join([head, *(row.format(n=n) for n in range(N))]), encoding="utf-8")
    before = [model.objects.count() for model in KEPT]
    told = []

    def stop(self, n, n_total=None, *, share=None):
        told.append(share or self.share())
        if n > N // 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Counter, "__call__", stop)
        with pytest.raises(CommandError, match="nothing half-done was kept"):
            call_command(command, str(path), **options(command))
    assert [model.objects.count() for model in KEPT] == before
    assert len(told) > 1 and all(0 < share <= 1 for share in told)
    call_command(command, str(path), **options(command))
    assert sum(model.objects.count() for model in KEPT) >= sum(before) + N


def test_the_share_read_is_known_of_files_alone(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("key\n" + "x\n" * 20_000)
    with open_table(path) as table:
        shares = [table.share for _ in table.rows(["key"])]
    assert shares == sorted(shares) and 0 < shares[0] < 0.5 and shares[-1] == 1
    table.length = None
    assert table.share is None


def test_the_time_left_is_told_once_it_can_be():
    assert time_left(60, 0.25) == ", 25 %, 3 min left"
    assert time_left(10, 0.5) == ", 50 %, 10 s left"
    assert time_left(10, 1) == ", 100 %, 0 s left"
    assert [time_left(60, None), time_left(1, 0.5), time_left(60, 0)] == [""] * 3
