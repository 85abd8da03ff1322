"""report.json: every table of a campaign's report with the settings that made it."""

import math
import platform
from collections.abc import Callable, Container, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib.metadata import version
from typing import Any

import numpy as np

from annotation.models import Campaign, SecondThought
from metrics.analyses.annotators import n_excluded
from metrics.analyses.frame import Frame, counted, load_frame
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues, load_values
from metrics.reports.schema import SCHEMA, check
from metrics.reports.sections import Material, in_order
from metrics.reports.sections.base import Tables
from metrics.reports.version import code_version, data_version

# (tables done, tables in all, what is being computed); raises where the run was cancelled
Report = Callable[[int, int, str], None]


def silent(done: int, total: int, message: str) -> None:
    """Progress nobody watches."""


def build_payload(
    campaign: Campaign, *, settings: Settings | None = None, report: Report = silent
) -> dict[str, Any]:
    """The whole report as JSON: no NaN in it, a reason beside every number that is null."""
    settings = settings or Settings()
    frame = load_frame(campaign, with_excluded=settings.with_excluded)
    values = load_values(campaign, frame)
    material = Material(campaign, frame, values, settings)
    tables = dict(item for section in in_order() for item in section.tables(material).items())
    aside = {name for section in in_order() for name in section.aside}
    payload = _head(campaign, frame, values, settings)
    with closing(_beside(tables, aside, material)) as each:
        for done, (name, compute) in enumerate(each):
            report(done, len(tables) + 1, name.replace("_", " "))
            if (rows := compute()) is not None:
                payload[name] = rows
    report(len(tables), len(tables) + 1, "checking")
    payload = plain(payload)
    check(payload)
    report(len(tables) + 1, len(tables) + 1, "")
    return payload


def _beside(
    tables: Tables, aside: Container[str], material: Material
) -> Generator[tuple[str, Callable[[], Any]], None, None]:
    """Each table and how to get it; those set aside are computed by a second thread meanwhile.

    Numpy lets go of the interpreter, so that two cores are used.
    """
    _ = material.contenders  # loaded here: a thread would open a connection of its own
    with ThreadPoolExecutor(1) as thread:
        waiting = {name: thread.submit(tables[name]) for name in tables if name in aside}
        try:
            yield from (item for item in tables.items() if item[0] not in waiting)
            yield from ((name, future.result) for name, future in waiting.items())
        finally:
            for future in waiting.values():
                future.cancel()


def _head(
    campaign: Campaign, frame: Frame, values: list[MetricValues], settings: Settings
) -> dict[str, Any]:
    protocol = frame.protocol
    return {
        "schema": SCHEMA,
        "campaign": campaign.name,
        "dataset": campaign.dataset.name,
        "source_lang": campaign.dataset.source_lang,
        "target_lang": campaign.dataset.target_lang,
        "protocol": campaign.protocol,
        "protocol_details": {
            "label": str(protocol.label),
            "unit": str(protocol.unit),
            "direction": protocol.direction,
            "level": protocol.level,
            "main_criterion": protocol.main_criterion,
            "criteria": list(protocol.criteria()),
        },
        "is_simulated": frame.is_simulated,
        "counts": {
            "segments": len(frame.segments),
            "rated_segments": int(np.isfinite(frame.scores).any(axis=1).sum()),
            "raters": len(frame.raters),
            "ratings": int(frame.main.sum()),
            "second_thoughts": SecondThought.objects.filter(
                rating__in=counted(campaign, with_excluded=settings.with_excluded)
            ).count(),
        },
        "metrics": [
            {
                "metric": metric.name,
                "label": metric.label,
                "unit": metric.scorer.unit,
                "direction": "higher" if metric.direction > 0 else "lower",
                "signature": metric.signature,
                "segment_signature": metric.segment_signature,
            }
            for metric in values
        ],
        "generated_with": {
            "nikash": code_version(),
            "data": data_version(campaign, with_excluded=settings.with_excluded),
            "versions": _versions(),
            "settings": settings._asdict()
            | {"compared_with": frame.compared_with, "n_excluded": n_excluded(frame)},
        },
        "notes": _notes(frame, settings),
    }


def _versions() -> dict[str, str]:
    libraries = ("numpy", "scipy", "sacrebleu", "rapidfuzz", "Django")
    return {"python": platform.python_version()} | {name: version(name) for name in libraries}


def _notes(frame: Frame, settings: Settings) -> list[str]:
    notes = []
    if n := n_excluded(frame):
        who = f"{n} annotator{'s' if n > 1 else ''} who {'were' if n > 1 else 'was'} excluded"
        notes.append(f"With the ratings of {who}." if settings.with_excluded else f"Without {who}.")
    people = [name for name, human in zip(frame.systems, frame.is_human, strict=True) if human]
    if people:
        notes.append(
            f"Left out wherever a metric is asked, as people wrote it: {', '.join(people)}."
        )
    if frame.compared_with == "z":
        notes.append("Metrics are compared with scores on each rater's own scale (z), as WMT does.")
    return notes


def plain(value: Any) -> Any:
    """Numpy to Python, and null for what is not a number."""
    if isinstance(value, dict):
        return {key: plain(cell) for key, cell in value.items()}
    if isinstance(value, list | tuple):
        return [plain(cell) for cell in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
