"""A campaign's complete ratings and the metrics' values as arrays, in a fixed number of queries."""

from array import array
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from annotation.models import Annotator, Campaign, Item, ItemOutput, Rating, RatingScore
from annotation.protocols.base import AnnotationProtocol
from metrics.analyses.raters import EXCLUDED, LeftOut, Rater, load_left_out, load_raters
from metrics.statistics import RaterZ, rater_z_scores
from models_app.models import Output, Segment, System

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

AT_ONCE = 20_000  # rows read together

# Sums of tenths differ in the last bit by order: equal scores must stay equal.
DECIMALS = 10

# A comparison's criterion: one output's score is one minus the other's.
PREFERENCE = "preference"

# Direct assessments are compared on each rater's own scale, as WMT does; others as they are.
STANDARDISED = frozenset({"da"})


class Place(NamedTuple):
    """A segment of the campaign: its row in every matrix is its position in `Frame.segments`."""

    pk: int
    key: str
    domain: str
    document: str


@dataclass(frozen=True)
class Frame:
    """Ratings long (one row per rating, output and criterion), outputs as a segments x systems
    matrix of ids (0 where a system has none)."""

    campaign: str
    protocol_name: str
    protocol: AnnotationProtocol
    is_simulated: bool
    systems: tuple[str, ...]
    is_human: NDArray[np.bool_]  # (systems,)
    segments: tuple[Place, ...]
    raters: tuple[Rater, ...]
    outputs: IntArray  # (segments, systems)
    identical: frozenset[tuple[int, int, int]]  # segment and two systems: equal texts, a tie
    rater: IntArray  # (n,)
    system: IntArray  # (n,)
    segment: IntArray  # (n,)
    item: IntArray  # (n,)
    criterion: NDArray[np.str_]  # (n,)
    value: FloatArray  # (n,) the protocol's own unit
    seconds: dict[int, list[float]]  # active seconds of each rater's answers
    left_out: tuple[LeftOut, ...] = ()  # raters who were excluded, unless they are taken in

    @property
    def direction(self) -> int:
        """+1 where a higher score is better, -1 for penalties."""
        return 1 if self.protocol.direction == "higher" else -1

    @cached_property
    def main(self) -> NDArray[np.bool_]:
        """(n,) rows of the criterion that systems are ranked by."""
        return np.asarray(self.criterion == self.protocol.main_criterion)

    @cached_property
    def z(self) -> RaterZ:
        """The main criterion on each rater's own scale, in the order of the rows `main`."""
        return rater_z_scores(self.value[self.main], self.rater[self.main].astype(str))

    @cached_property
    def keys(self) -> NDArray[np.str_]:
        return np.array([place.key for place in self.segments], dtype=str)

    @cached_property
    def domains(self) -> NDArray[np.str_]:
        return np.array([place.domain for place in self.segments], dtype=str)

    @property
    def ranks_pairs(self) -> bool:
        """Whether people's scores are nothing but preferences between two outputs."""
        return self.protocol.main_criterion == PREFERENCE

    @cached_property
    def scores(self) -> FloatArray:
        """(segments, systems) the main criterion, nan where not rated: its mean over raters; of
        preferences, the mean over the comparisons with other systems."""
        if not self.ranks_pairs:
            return self._means(self.value[self.main], self.main)
        wins = np.zeros(self.outputs.shape)
        n = np.zeros(self.outputs.shape)
        for (a, b), deltas in self._preferences.items():
            known = np.isfinite(deltas)
            wins[known, a] += (1 + deltas[known]) / 2
            wins[known, b] += (1 - deltas[known]) / 2
            n[known, a] += 1
            n[known, b] += 1
        return np.divide(wins, n, out=np.full(wins.shape, np.nan), where=n > 0)

    def deltas(self, a: int, b: int) -> FloatArray:
        """(segments,) people's score of system a minus that of b, nan where not both were rated.

        Preferences count only where the two met; equal texts, which nobody had to compare, are 0.
        """
        if self.ranks_pairs:
            return self._preferences.get((a, b), np.full(len(self.segments), np.nan))
        # Rounded once: differences of rounded thirds that are equal would differ in the last place.
        deltas = np.round(self.exact_scores[:, a] - self.exact_scores[:, b], DECIMALS)
        same = [line for line, x, y in self.identical if (x, y) == (a, b)]
        deltas[same] = np.where(np.isnan(deltas[same]), 0.0, deltas[same])
        return deltas

    @cached_property
    def _preferences(self) -> dict[tuple[int, int], FloatArray]:
        """Per pair of systems, (segments,) mean preference for the first, from -1 to 1."""
        met: dict[tuple[int, int], FloatArray] = {}

        def place(a: int, b: int) -> FloatArray:
            return met.setdefault((a, b), np.full(len(self.segments), np.nan))

        systems: dict[int, set[int]] = {}
        given: dict[tuple[int, int], list[float]] = {}
        lines = dict(zip(self.item.tolist(), self.segment.tolist(), strict=True))
        for item, system, value in zip(
            self.item[self.main].tolist(),
            self.system[self.main].tolist(),
            self.value[self.main].tolist(),
            strict=True,
        ):
            systems.setdefault(item, set()).add(system)
            given.setdefault((item, system), []).append(value)
        for item, both in systems.items():
            if len(both) == 2:
                a, b = sorted(both)
                means = (np.mean(given[item, a]), np.mean(given[item, b]))
                place(a, b)[lines[item]] = round(float(means[0] - means[1]), 10)
        for line, a, b in self.identical:
            place(a, b)[line] = 0.0
        return met

    @cached_property
    def z_scores(self) -> FloatArray:
        """(segments, systems) mean over raters of the z-scores."""
        return self._means(self.z.z, self.main)

    @cached_property
    def exact_scores(self) -> FloatArray:
        """`scores` of no comparisons, with the last bits that depend on the order of sums."""
        return self._exact_means(self.value[self.main], self.main)

    @cached_property
    def exact_z_scores(self) -> FloatArray:
        """`z_scores`, unrounded."""
        return self._exact_means(self.z.z, self.main)

    @property
    def compared(self) -> FloatArray:
        """What metrics are compared with, oriented so that higher is better."""
        scores = self.z_scores if self.protocol_name in STANDARDISED else self.scores
        return self.direction * scores

    @property
    def compared_with(self) -> str:
        return "z" if self.protocol_name in STANDARDISED else "score"

    def _means(self, values: FloatArray, rows: NDArray[np.bool_]) -> FloatArray:
        return np.round(self._exact_means(values, rows), DECIMALS)

    def _exact_means(self, values: FloatArray, rows: NDArray[np.bool_]) -> FloatArray:
        shape = self.outputs.shape
        known = np.isfinite(values)
        cells = (self.segment[rows] * shape[1] + self.system[rows])[known]
        n = np.bincount(cells, minlength=shape[0] * shape[1])
        total = np.bincount(cells, values[known], minlength=shape[0] * shape[1])
        means = np.full(n.shape, np.nan)
        np.divide(total, n, out=means, where=n > 0)
        return means.reshape(shape)


def counted(campaign: Campaign, *, with_excluded: bool = False) -> QuerySet[Rating]:
    """The ratings that results count: complete, of judged items, by annotators not excluded."""
    ratings = Rating.objects.filter(
        item__campaign=campaign, item__purpose=Item.Purpose.JUDGE, is_complete=True
    )
    if with_excluded:
        return ratings
    out = campaign.participations.excluded().values("annotator")
    return ratings.exclude(annotator__in=out)


def load_frame(campaign: Campaign, *, with_excluded: bool = False) -> Frame:
    """Ten queries, whatever the size; with_excluded takes in annotators who were excluded."""
    ratings = counted(campaign, with_excluded=with_excluded)
    given = counted(campaign, with_excluded=True)
    everybody = load_raters(campaign, given)
    raters = {
        pk: rater for pk, rater in everybody.items() if with_excluded or rater.state != EXCLUDED
    }
    out = {pk: rater for pk, rater in everybody.items() if pk not in raters}
    systems = list(campaign.systems.order_by("name").values_list("pk", "name", "kind"))
    used = campaign.items.judged().values("segment")
    places = [
        Place(*row)
        for row in Segment.objects.filter(pk__in=used)
        .order_by("position")
        .values_list("pk", "key", "domain", "document")
    ]
    column = {pk: i for i, (pk, _, _) in enumerate(systems)}
    line = {place.pk: i for i, place in enumerate(places)}
    where, outputs = _outputs(campaign, line, column)
    person = {pk: i for i, pk in enumerate(raters)}
    long = _long(ratings, where, person)
    return Frame(
        campaign=campaign.name,
        protocol_name=campaign.protocol,
        protocol=campaign.protocol_object,
        is_simulated=campaign.origin == Campaign.Origin.SIMULATED
        or any(rater.origin == Annotator.Origin.SIMULATED for rater in raters.values()),
        systems=tuple(name for _, name, _ in systems),
        is_human=np.array([kind == System.Kind.HUMAN for _, _, kind in systems], dtype=bool),
        segments=tuple(places),
        raters=tuple(raters.values()),
        outputs=outputs,
        identical=_identical(campaign, where),
        **long,
        seconds={person[pk]: values for pk, values in _seconds(ratings).items()},
        left_out=load_left_out(out, given, campaign.protocol_object.main_criterion),
    )


def _long(
    ratings: QuerySet[Rating], where: dict[int, tuple[int, int]], person: dict[int, int]
) -> dict[str, Any]:
    """The long columns, read some rows at a time: as tuples a million take 300 MB."""
    numbers = {name: array("q") for name in ("rater", "segment", "system", "item")}
    value, criterion, names = array("d"), array("q"), dict[str, int]()
    rows = RatingScore.objects.filter(rating__in=ratings).order_by("pk")
    for rater, output, name, score, item in rows.values_list(
        "rating__annotator", "output", "criterion", "value", "rating__item"
    ).iterator(AT_ONCE):
        if output in where:
            for column, number in zip(
                numbers.values(), (person[rater], *where[output], item), strict=True
            ):
                column.append(number)
            value.append(score)
            criterion.append(names.setdefault(name, len(names)))
    codes = np.frombuffer(criterion, dtype=np.int64)
    return {
        **{name: np.frombuffer(column, dtype=np.int64) for name, column in numbers.items()},
        "criterion": np.array([*names], dtype=str)[codes],
        "value": np.frombuffer(value, dtype=np.float64),
    }


def _outputs(
    campaign: Campaign, line: dict[int, int], column: dict[int, int]
) -> tuple[dict[int, tuple[int, int]], IntArray]:
    ids = np.zeros((len(line), len(column)), dtype=np.int64)
    where: dict[int, tuple[int, int]] = {}
    found = Output.objects.filter(
        system__campaigns=campaign, segment__items__campaign=campaign
    ).distinct()
    for pk, segment, system in found.values_list("pk", "segment", "system"):
        where[pk] = (line[segment], column[system])
        ids[where[pk]] = pk
    return where, ids


def _seconds(ratings: QuerySet[Rating]) -> dict[int, list[float]]:
    """Active seconds by annotator, where they were measured."""
    seconds: dict[int, list[float]] = {}
    timed = ratings.filter(active_seconds__isnull=False).order_by("pk")
    for pk, active in timed.values_list("annotator", "active_seconds"):
        seconds.setdefault(pk, []).append(active)
    return seconds


def _identical(
    campaign: Campaign, where: dict[int, tuple[int, int]]
) -> frozenset[tuple[int, int, int]]:
    slots = ItemOutput.objects.filter(item__campaign=campaign, item__needs_rating=False)
    members: dict[int, list[tuple[int, int]]] = {}
    for item, output in slots.values_list("item", "output"):
        if output in where:
            members.setdefault(item, []).append(where[output])
    pairs = [sorted(spots) for spots in members.values() if len(spots) == 2]
    return frozenset((first[0], first[1], second[1]) for first, second in pairs)
