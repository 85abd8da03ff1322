"""What was acknowledged against what the database and the site's own export hold."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.faults.crowd import Crowd
from benchmarks.faults.site import Site, until

JOBS = ("models_app_generationrun", "metrics_scoringrun", "metrics_package", "metrics_reportrun")
# Two answers to one item; two ratings cannot be, the database forbids them.
DOUBLED = """SELECT count(*) FROM (SELECT item_id FROM annotation_ratingevent
    GROUP BY item_id, annotator_id HAVING count(*) > 1) AS twice"""
HALVES = (
    # an answer without its rating, a rating without an answer, a complete one without a score
    """SELECT count(*) FROM annotation_ratingevent e WHERE NOT EXISTS (SELECT 1 FROM
    annotation_rating r WHERE r.item_id = e.item_id AND r.annotator_id = e.annotator_id)""",
    """SELECT count(*) FROM annotation_rating r WHERE r.is_complete AND NOT EXISTS (SELECT 1 FROM
    annotation_ratingevent e WHERE e.item_id = r.item_id AND e.annotator_id = r.annotator_id)""",
    """SELECT count(*) FROM annotation_rating r WHERE r.is_complete AND NOT EXISTS (SELECT 1 FROM
    annotation_ratingscore s WHERE s.rating_id = r.id)""",
    # work that is done without a complete rating, and the other way round
    """SELECT count(*) FROM annotation_assignment a WHERE (a.state = 'done') <> EXISTS (SELECT 1
    FROM annotation_rating r WHERE r.item_id = a.item_id AND r.annotator_id = a.annotator_id
    AND r.is_complete)""",
    # an item's count of takers that is not the number of those who hold it or are done
    """SELECT count(*) FROM annotation_item i WHERE i.n_taken <> (SELECT count(*) FROM
    annotation_assignment a WHERE a.item_id = i.id AND a.state <> 'expired')""",
)


class Counts(NamedTuple):
    """`lost`: acknowledged, yet not stored, not exported, or with another score."""

    acknowledged: int
    stored: int
    lost: int
    doubled: int
    half_stored: int
    stuck: int


def counted(site: Site, crowd: Crowd | None = None) -> Counts:
    """Look once everything has come to rest."""
    told = crowd.acknowledged if crowd else {}
    stored = {
        str(key): str(int(value)) for key, value in site.rows(
            "SELECT e.key, s.value FROM annotation_ratingevent e "
            "JOIN annotation_rating r ON r.item_id = e.item_id AND r.annotator_id = e.annotator_id "
            "JOIN annotation_ratingscore s ON s.rating_id = r.id"
        )
    }  # fmt: skip
    kept = {plain(key): value for key, value in stored.items()}
    exported = _exported(site) if crowd else set()
    lost = sum(
        kept.get(plain(key)) != score or plain(key) not in exported for key, score in told.items()
    )
    return Counts(
        len(told), len(kept), lost, site.one(DOUBLED),
        sum(site.one(sql) for sql in HALVES), stuck_jobs(site),
    )  # fmt: skip


def stuck_jobs(site: Site) -> int:
    """Jobs that nobody ended."""
    unfinished = "state IN ('queued', 'running')"
    return sum(site.one(f"SELECT count(*) FROM {table} WHERE {unfinished}") for table in JOBS)


def _exported(site: Site) -> set[str]:
    out = Path(tempfile.mkdtemp(prefix="faults-export-"))
    try:
        site.manage("export_ratings", "--campaign", "load", "--format", "nikash", "--out", str(out))
        with (out / "campaign.jsonl").open(encoding="utf-8") as lines:
            rows = map(json.loads, lines)
            return {plain(row["key"]) for row in rows if row.get("record") == "event"}
    finally:
        shutil.rmtree(out)


def plain(key: str) -> str:
    """SQLite keeps a UUID without its hyphens."""
    return key.replace("-", "")


def generation_ended(site: Site, run: int) -> tuple[dict[str, Any], list[str]]:
    """What a generation came to once it is over, and what is wrong with that."""
    state = f"SELECT state FROM models_app_generationrun WHERE id = {run}"
    until(lambda: site.one(state) in ("done", "failed"), "the generation ends")
    found = site.code(f"generated({run})")
    is_whole = (found["state"], found["stored"]) == ("done", found["wanted"])
    return found, [] if is_whole else [f"the generation is {found}"]
