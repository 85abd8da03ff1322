"""What a campaign will ask of whom, and what it can detect: computed before it opens."""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from django.utils.translation import gettext as _

from annotation.grid import Cell, Grid, Row, blocks_per_column, column_labels, heat, number, square
from annotation.models import Campaign
from annotation.planning import PlannedItem, planned_items

NORMAL = NormalDist()

# Assumed until a campaign says otherwise in options["seconds_per_item"].
SECONDS = {"sqm": 25, "sidebyside": 40, "questionnaire": 120, "esa": 60, "mqm": 90}
OTHER_SECONDS = 45
FEWEST_SHARED = 20  # items that two annotators need in common before their agreement says much
ESA_NOISE = 14.0  # points of 100: residual of single ESA ratings of Hindi, variance 196.8


class Detectable(NamedTuple):
    """The smallest true difference of two systems found with 80 % power, two-sided at 5 %."""

    sds: float  # in standard deviations of one rating's noise
    points: float  # the same on a scale of 0 to 100 with the noise of ESA_NOISE
    win_rate: float | None  # for protocols that compare, as a share above one half


class Plan(NamedTuple):
    n_items: int  # that somebody has to judge
    n_blocks: int
    n_segments: int
    n_ratings: int
    n_annotators: int
    seconds_per_item: float
    people: list[tuple[str, float, float]]  # who, items expected, hours
    coverage: Grid  # annotator x blocks: items expected
    pairs: Grid  # items that each two are expected to share
    shared: tuple[float, float]  # the fewest and the most items that two share
    detectable: Detectable | None
    notes: list[str]

    @property
    def hours(self) -> float:
        return self.n_ratings * self.seconds_per_item / 3600

    def frozen(self) -> dict[str, Any]:
        """What is written into the campaign's plan when it opens."""
        return {
            "n_blocks": self.n_blocks,
            "n_ratings": self.n_ratings,
            "n_annotators": self.n_annotators,
            "seconds_per_item": self.seconds_per_item,
            "shared_by_two": [round(items, 2) for items in self.shared],
            "detectable": {
                name: value if value is None else round(value, 4)
                for name, value in self.detectable._asdict().items()
            }
            if self.detectable
            else None,
        }


def plan_of(campaign: Campaign, n_annotators: int | None = None) -> Plan:
    """The plan for this many annotators: those who have joined, or as many as the design needs.

    Reads and writes nothing. Raises BadInput where the campaign cannot be opened.
    """
    planned = planned_items(campaign)
    codes = list(
        campaign.memberships.annotating()
        .order_by("created_at", "pk")
        .values_list("user__annotator__code", flat=True)
    )
    design = campaign.design_object
    n = n_annotators or max(design.n_annotators(campaign), len(codes))
    labels = [codes[i] if i < len(codes) else f"{i + 1}" for i in range(n)]
    rated = [item for item in planned if item.wanted]
    blocks = sorted({item.block for item in rated})
    weights = np.zeros(len(blocks))
    np.add.at(weights, np.searchsorted(blocks, [item.block for item in rated]), 1)
    items = design.shares(campaign, len(blocks), n) * weights
    shared = design.pairs(campaign, weights, n)
    two = shared[np.triu_indices(n, 1)]
    seconds = float(
        campaign.options.get("seconds_per_item") or SECONDS.get(campaign.protocol, OTHER_SECONDS)
    )
    n_blocks = planned[-1].block + 1
    ends = (float(two.min()), float(two.max())) if len(two) else (0.0, 0.0)
    return Plan(
        n_items=len(rated),
        n_blocks=n_blocks,
        n_segments=len({item.group.segment.pk for item in rated}),
        n_ratings=sum(item.wanted for item in rated),
        n_annotators=n,
        seconds_per_item=seconds,
        people=[
            (label, float(total), float(total) * seconds / 3600)
            for label, total in zip(labels, items.sum(axis=1), strict=True)
        ],
        coverage=_expected(labels, blocks, items, n_blocks),
        pairs=square(labels, shared.tolist()),
        shared=ends,
        detectable=_detectable(campaign, rated),
        notes=_notes(campaign, len(codes), n, ends),
    )


def detectable_difference(
    n_segments: int,
    *,
    ratings: float = 1.0,
    residual_variance: float = 1.0,
    system_segment_variance: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.80,
) -> float:
    """The smallest mean difference of two systems, judged on the same segments, that is found.

    delta = (z_{1-alpha/2} + z_power) sqrt(2 (var_system:segment + var_residual / ratings) / n), in
    the unit whose squares the variances are; nan below two segments. `ratings` of each output by
    different people, each of whom judges both systems.
    """
    if n_segments < 2:
        return math.nan
    z = NORMAL.inv_cdf(1 - alpha / 2) + NORMAL.inv_cdf(power)
    return z * math.sqrt(2 * (system_segment_variance + residual_variance / ratings) / n_segments)


def detectable_win_rate(n: int, *, alpha: float = 0.05, power: float = 0.80) -> float:
    """The smallest win rate above one half that a sign test of `n` untied segments finds.

    By the normal approximation, about 0.01 off the exact test at 100 segments; 1 is the most.
    """
    a, b = NORMAL.inv_cdf(1 - alpha / 2), NORMAL.inv_cdf(power)
    root = math.sqrt(max(a * a * n - (n + b * b) * (a * a - b * b), 0.0))
    return min(1.0, 0.5 + (a * math.sqrt(n) + root) / (2 * (n + b * b)))


def _detectable(campaign: Campaign, rated: Sequence[PlannedItem]) -> Detectable | None:
    """With the mean of 1 / ratings over segments: a segment of two ratings is half as noisy."""
    wanted = {item.group.segment.pk: item.wanted for item in rated}
    if len(wanted) < 2 or len({o.system_id for item in rated for o in item.group.outputs}) < 2:
        return None
    ratings = len(wanted) / sum(1 / k for k in wanted.values())
    sds = detectable_difference(len(wanted), ratings=ratings)
    compares = campaign.protocol_object.compares
    return Detectable(sds, sds * ESA_NOISE, detectable_win_rate(len(wanted)) if compares else None)


def _expected(
    labels: Sequence[str], blocks: Sequence[int], items: np.ndarray, n_blocks: int
) -> Grid:
    columns = np.asarray(blocks, dtype=int) // blocks_per_column(n_blocks)
    names = column_labels(n_blocks)
    totals = np.zeros((len(labels), len(names)))
    np.add.at(totals.T, columns, items.T)
    most = float(totals.max(initial=0.0))
    rows = [
        Row(label, [Cell(number(v), heat(v, most)) for v in row])
        for label, row in zip(labels, totals.tolist(), strict=True)
    ]
    return Grid(names, rows)


def _notes(campaign: Campaign, n_joined: int, n: int, shared: tuple[float, float]) -> list[str]:
    notes = []
    if n_joined < n:
        notes.append(
            _("The plan is for %(n)s annotators; %(joined)s have joined so far.")
            % {"n": n, "joined": n_joined}
        )
    if shared[1] == 0:
        notes.append(_("No two annotators share an item, so agreement cannot be measured."))
    elif shared[0] < FEWEST_SHARED:
        notes.append(
            _("Some two annotators share about %(items)s items; below %(least)s, that says little.")
            % {"items": number(shared[0]) or "0", "least": FEWEST_SHARED}
        )
    if not campaign.design_object.fixes_pairs and shared[1] and n > campaign.raters_per_item:
        notes.append(_("Who shares items with whom depends on who comes when."))
    if campaign.batch_size == 1 and campaign.systems.count() > 1:
        notes.append(
            _("One segment at a time puts its outputs next to each other; hand out 2 or more.")
        )
    return notes
