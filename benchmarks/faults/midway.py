"""Scoring and importing that something breaks off in the middle, and what is there in the end."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.faults.audit import counted
from benchmarks.faults.result import NOTHING, Found
from benchmarks.faults.site import Site, until

N_SCORED, N_RATINGS = 3000, 20_000
TABLES = ("annotation_rating", "annotation_ratingevent", "annotation_item",
          "annotation_campaign", "annotation_annotator")  # fmt: skip


def scored(site: Site, what: str, break_off: Callable[[], None]) -> Found:
    """Scores of the dataset "scored", which is made here, beside those of an undisturbed run.

    break_off : kills something and starts it again; a worker runs before and afterwards
    """
    site.code(f"scoring({N_SCORED}, 'bleu,chrf,ter')")
    stored = "SELECT count(*) FROM metrics_segmentscore"
    until(lambda: site.one(stored) > 0, "the scoring begins")
    break_off()
    before = site.one(stored)
    seconds = until(lambda: site.one(stored) > before, "it goes on")
    ended = "SELECT count(*) FROM metrics_scoringrun WHERE state IN ('done', 'failed')"
    until(lambda: site.one(ended) == 1, "it ends")
    site.kill("worker")
    disturbed, undisturbed = site.code("scored()"), site.code("score_again()")
    counts = NOTHING._replace(
        acknowledged=len(undisturbed), stored=len(disturbed), stuck=counted(site).stuck,
        lost=sum(a != b for a, b in zip(disturbed, undisturbed, strict=False)),
        doubled=max(0, len(disturbed) - len(undisturbed)),
    )  # fmt: skip
    faults = () if before < len(undisturbed) else ("it was killed too late to tell",)
    return Found(what, site.engine, counts, (seconds,), f"killed at {before} values", faults)


def imported(
    site: Site, what: str, break_off: Callable[[subprocess.Popen[Any]], None], *, ends: bool = False
) -> Found:
    """Ratings for the dataset "scored": nothing of them is there until all of them are.

    break_off : ends the command it is given, or what the command needs
    ends : whether the command has to end by itself then, with a sentence
    """
    folder = Path(tempfile.mkdtemp(prefix="faults-import-"))
    file, log = folder / "ratings.csv", site.logs / "import.txt"
    lines = [f"r{n // N_SCORED},scored first,c{n % N_SCORED},{n % 7}" for n in range(N_RATINGS)]
    file.write_text("rater,system,key,score\n" + "\n".join(lines) + "\n")
    command = ["load_ratings", str(file), "--dataset", "scored", "--campaign", "loaded",
               "--protocol", "sqm"]  # fmt: skip
    before, began = _n_rows(site), time.monotonic()
    with log.open("wb") as said:
        child = site.popen(*command, stderr=said)
        until(lambda: b"0 ratings stored" in log.read_bytes(), "it begins")
        break_off(child)
    at, status = time.monotonic() - began, child.wait()
    told = log.read_text(errors="replace")
    half = sum(now - then for now, then in zip(_n_rows(site), before, strict=True))
    n_before, began = counted(site).stored, time.monotonic()
    site.manage(*command)
    seconds, after = time.monotonic() - began, counted(site)
    n_stored = after.stored - n_before
    shutil.rmtree(folder)
    counts = after._replace(
        acknowledged=N_RATINGS, stored=n_stored, lost=N_RATINGS - n_stored,
        half_stored=abs(half) + after.half_stored,
    )  # fmt: skip
    faults = ("it was over before it was broken off",) if status == 0 else ()
    if ends and "Traceback" in told:
        faults = (*faults, f"the command says {told[-200:]!r}")
    return Found(what, site.engine, counts, (seconds,), f"killed after {at:.1f} s", faults)


def _n_rows(site: Site) -> list[int]:
    return [site.one(f"SELECT count(*) FROM {table}") for table in TABLES]
