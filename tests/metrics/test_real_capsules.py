"""Real ratings leave in a capsule and replay to the identical report."""

from pathlib import Path

import pytest
from django.core.management import call_command

from annotation.models import Campaign
from metrics.analyses.settings import Settings
from tests.annotation.test_real_ratings import DATA, FLORES, load_ted
from tests.metrics.packing import bytes_of, replayed
from tests.metrics.studies import scored

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not DATA.is_dir(), reason="the real ratings are not beside this repository (shared/data)"
    ),
]
FEW = Settings(resamples=50, permutations=50)


def load_flores() -> None:
    named = ["--map=key=seg_id"]
    columns = ["--map=source=source_bn", "--map=reference=ref_hi", "--map=document=doc"]
    segments, outputs, ratings = (
        str(FLORES / f"{name}.csv.gz") for name in ("segments", "outputs", "ratings")
    )
    pair = ["--source-lang=bn", "--target-lang=hi"]
    call_command("load_dataset", segments, "--name=flores", *pair, *named, *columns)
    call_command("load_outputs", outputs, "--dataset=flores", "--map=output=text", *named)
    where = ["--dataset=flores", "--campaign=flores"]
    call_command("load_ratings", ratings, *where, "--protocol=da", *named)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["flores", "zhen"])
def test_real_ratings_replay_to_the_identical_report(name: str, tmp_path: Path) -> None:
    if name == "flores":
        load_flores()
    else:
        load_ted(tmp_path, name)
    campaign = Campaign.objects.get(name=name)
    scored(campaign, ["bleu", "chrf"])
    found = replayed(bytes_of(campaign, FEW), tmp_path)
    assert (found.differences, found.notes) == ([], [])
    assert found.n_cells > 5000
