"""What has been promised, and whether it was measured to be so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.listing import FULL
from benchmarks.wording import number

Figures = Sequence[Mapping[str, Any]]
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Target:
    """Of a benchmark's figures whose names match, the worst must keep to the limit.

    benchmark : the name in the list
    at_least : the limit is the least that is good, otherwise the most
    only_full : a quick run is too short to tell
    value : what is held against the limit, of the figures; the worst median unless told
    """

    what: str
    benchmark: str
    pattern: str
    limit: float
    unit: str = ""
    at_least: bool = False
    only_full: bool = False
    value: Callable[[Figures], float] | None = None

    @property
    def said(self) -> str:
        if self.limit == 0 and not self.at_least:
            return "0"
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {number(self.limit)} {self.unit}".strip()

    def measured(self, figures: Figures) -> float | None:
        """Nothing where no figure matches."""
        found = [one for one in figures if re.search(self.pattern, one["name"])]
        if found and self.value:
            return self.value(found)
        worst = self.worst(found)
        return float(worst["median"]) if worst else None

    def worst(self, figures: Figures) -> Mapping[str, Any] | None:
        """The one figure that is held against the limit; nothing where it is not one alone."""
        found = [one for one in figures if re.search(self.pattern, one["name"])]
        if self.value or not found:
            return None
        return (min if self.at_least else max)(found, key=lambda one: float(one["median"]))

    def verdict(self, value: float | None, size: str) -> str:
        if value is None:
            return NOT_MEASURED
        if self.only_full and size != FULL:
            return "too short to tell"
        kept = value >= self.limit if self.at_least else value <= self.limit
        return "met" if kept else "**missed**"


def growth(figures: Figures) -> float:
    """The greatest difference between a thing's figure at its largest and its smallest size."""
    by_thing: dict[str, list[tuple[int, float]]] = {}
    for one in figures:
        size = re.search(r"\d[\d,]*", one["name"])
        if size:
            thing = one["name"].replace(size[0], "")
            place = int(size[0].replace(",", ""))
            by_thing.setdefault(thing, []).append((place, float(one["median"])))
    sizes = [sorted(points) for points in by_thing.values()]
    return max(points[-1][1] - points[0][1] for points in sizes)


def total(figures: Figures) -> float:
    return sum(float(one["median"]) for one in figures)


OURS = "Nikash (sqlite|postgres)"
TARGETS = (
    Target("server CPU for a loop, 100 annotators", "annotate_loop",
           f"^CPU for a loop: {OURS}, 100 ", 6, "ms"),
    Target("loops a second, 50 annotators who do not think", "annotate_loop",
           f"^loops a second: {OURS}, 50 annotators, 0 s", 120, at_least=True),
    Target("save, 95th percentile, 100 annotators who think 20 s", "annotate_loop",
           f"^save, 95th percentile: {OURS}, 100 annotators, 20 s", 60, "ms"),
    Target("next item, 95th percentile, 100 annotators who think 20 s", "annotate_loop",
           f"^next, 95th percentile: {OURS}, 100 annotators, 20 s", 60, "ms"),
    Target("errors under load", "annotate_loop", f"^errors: {OURS}", 0, value=total),
    Target("acknowledged ratings lost when the web server is killed", "annotate_loop",
           f"^acknowledged, not exported: {OURS}", 0, value=total),
    Target("ratings stored twice when the web server is killed", "annotate_loop",
           f"^stored twice: {OURS}", 0, value=total),
    Target("items given to more annotators than asked for", "annotate_loop",
           f"^items given to too many: {OURS}", 0, value=total),
    Target("growth of the web server's memory in an hour under load", "soak",
           "^memory growth", 0.1, "MB a minute", only_full=True),
    Target("answers lost when a part of the site dies", "faults", "^lost: ", 0, value=total),
    Target("answers stored twice then", "faults", "^doubled: ", 0, value=total),
    Target("answers stored by half then", "faults", "^half_stored: ", 0, value=total),
    Target("jobs that nobody ends then", "faults", "^stuck: ", 0, value=total),
    Target("queries more on any page of the largest site than of the smallest", "scale",
           ": queries$", 0, value=growth),
    Target("loading 100,000 outputs", "loading", "^outputs, 100,000 rows$", 6, "s"),
    Target("memory more for loading the most outputs than the fewest", "loading",
           "^outputs, .* rows: memory$", 16, "MB", value=growth),
    Target("memory more for exporting the most ratings than the fewest, worst format", "scale",
           "^export .*: memory$", 16, "MB", value=growth),
    Target("mutated files that crashed a loader or were loaded by half", "fuzz",
           ": faults in ", 0, value=total),
)  # fmt: skip
