"""Traces of translation in a campaign's outputs, as people tagged them and as rules tell them,
beside the scores of the same outputs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotation.models import Campaign, ItemOutput
from common.artefacts import TAGS, artefacts
from metrics.analyses.frame import PREFERENCE, FloatArray, Frame, counted
from metrics.analyses.settings import Settings
from metrics.analyses.values import MetricValues
from metrics.statistics import alpha_interval, percentile_interval, proportion_interval
from metrics.statistics.intervals import bootstrap_chunks, ratio
from models_app.models import Output

FIELD = "artefacts"  # of the questionnaire
PEOPLE, RULES = "people", "rules"
SAME = ("code", "untranslated")  # what people and rules call the same
FEWEST = 5  # outputs on either side of a comparison of scores
Bools = NDArray[np.bool_]
Row = dict[str, Any]


@dataclass(frozen=True)
class Tagged:
    """Who or what tagged which outputs; matrices are (segments, systems), as in the frame.

    given : of people, for each output, by rater, the tags that were chosen; empty of rules
    tags : in order, for each tag, whether an output has it; of people, where at least half of
        those who judged the output chose it
    known : whether an output was looked at
    """

    source: str
    given: Mapping[tuple[int, int], Mapping[int, frozenset[str]]]
    tags: Mapping[str, Bools]
    known: Bools

    def any(self) -> Bools:
        return np.any(list(self.tags.values()), axis=0)


def tag_options(campaign: Campaign) -> list[str]:
    """The tags that the campaign's form offers; [] where it asks for none."""
    for field in getattr(campaign.protocol_object, "output_fields", ()):
        if field["key"] == FIELD and field["kind"] == "tags":
            return [option["value"] for option in field["options"]]
    return []


def load_tagged(campaign: Campaign, frame: Frame, settings: Settings) -> list[Tagged]:
    """People's tags and the rules', of the same outputs; [] where none are asked. Four queries."""
    options = tag_options(campaign)
    if not options:
        return []
    where = {int(pk): (int(i), int(j)) for (i, j), pk in np.ndenumerate(frame.outputs) if pk}
    given = _given(campaign, where, settings)
    known = np.zeros(frame.outputs.shape, dtype=bool)
    tags = {tag: np.zeros(frame.outputs.shape, dtype=bool) for tag in options}
    for spot, by_rater in given.items():
        known[spot] = True
        for tag in options:
            tags[tag][spot] = 2 * sum(tag in chosen for chosen in by_rater.values()) >= len(
                by_rater
            )
    return [Tagged(PEOPLE, given, tags, known), _by_rules(campaign, where, known)]


def _given(
    campaign: Campaign, where: Mapping[int, tuple[int, int]], settings: Settings
) -> dict[tuple[int, int], dict[int, frozenset[str]]]:
    slots: dict[int, dict[str, int]] = {}
    shown = ItemOutput.objects.filter(item__campaign=campaign)
    for item, slot, output in shown.values_list("item", "slot", "output"):
        slots.setdefault(item, {})[str(slot)] = output
    found: dict[tuple[int, int], dict[int, frozenset[str]]] = {}
    ratings = counted(campaign, with_excluded=settings.with_excluded).order_by("pk")
    for item, rater, answer in ratings.values_list("item", "annotator", "answer"):
        for slot, said in answer.get("outputs", {}).items():
            spot = where.get(slots.get(item, {}).get(slot, 0))
            if spot is not None and any(type(value) is int for value in said.values()):
                found.setdefault(spot, {})[rater] = frozenset(said.get(FIELD, ()))
    return found


def _by_rules(campaign: Campaign, where: Mapping[int, tuple[int, int]], known: Bools) -> Tagged:
    dataset = campaign.dataset
    rows = Output.objects.filter(pk__in=where).values_list("pk", "text", "segment__source")
    texts = {
        where[pk]: (text, source if dataset.is_translation else None)
        for pk, text, source in rows
        if known[where[pk]]
    }
    ratios = [len(text) / len(src) for text, src in texts.values() if src and text.strip()]
    usual = median(ratios) if ratios else None
    tags = {tag: np.zeros(known.shape, dtype=bool) for tag in TAGS}
    for spot, (text, source) in texts.items():
        for tag in artefacts(text, dataset.target_lang, source, usual):
            tags[tag][spot] = True
    return Tagged(RULES, {}, tags, known)


def share_table(frame: Frame, tagged: Sequence[Tagged], settings: Settings) -> list[Row]:
    """A row per source, tag and system, all systems and any tag first."""
    rows = []
    for side in tagged:
        for tag, has in ((None, side.any()), *side.tags.items()):
            for place, system in enumerate((None, *frame.systems)):
                chosen = side.known if system is None else side.known[:, place - 1]
                hits = has if system is None else has[:, place - 1]
                n, n_tagged = int(chosen.sum()), int((hits & chosen).sum())
                share, low, high = proportion_interval(n_tagged, n, level=settings.coverage)
                rows.append(
                    {
                        "source": side.source, "tag": tag, "system": system, "n": n,
                        "n_tagged": n_tagged, "share": share, "low": low, "high": high,
                        "reason": None if n else "no output of it was judged",
                    }
                )  # fmt: skip
    return rows


def score_table(
    frame: Frame, values: Sequence[MetricValues], tagged: Sequence[Tagged], settings: Settings
) -> list[Row]:
    """A row per source, tag and score: outputs with the tag against those without it."""
    rng = settings.rng("artefact_scores")
    rows = []
    for side in tagged:
        for tag, has in ((None, side.any()), *side.tags.items()):
            for measure, scores in _scores(frame, values):
                known = side.known & np.isfinite(scores)
                found = _difference(np.where(known, scores, 0.0), known, has, rng, settings)
                rows.append({"source": side.source, "tag": tag, "measure": measure} | found)
    return rows


def _scores(frame: Frame, values: Sequence[MetricValues]) -> Iterator[tuple[str, FloatArray]]:
    for criterion in frame.protocol.criteria():
        if criterion != PREFERENCE:
            rows = np.asarray(frame.criterion == criterion)
            yield f"people: {criterion}", frame._means(frame.value[rows], rows)
    for metric in values:
        yield metric.name, metric.values


def _difference(
    scores: FloatArray, known: Bools, has: Bools, rng: np.random.Generator, settings: Settings
) -> Row:
    """Mean with the tag minus mean without it, segments drawn for the interval."""
    sides = (known & has, known & ~has)
    n_with, n_without = (int(side.sum()) for side in sides)
    sums = [np.where(side, scores, 0.0).sum(axis=1) for side in sides]
    sizes = [side.sum(axis=1).astype(np.float64) for side in sides]
    means = [
        float(ratio(a.sum()[None], b.sum()[None])[0]) for a, b in zip(sums, sizes, strict=True)
    ]
    row = {
        "n_with": n_with, "n_without": n_without, "with_tag": means[0], "without_tag": means[1],
        "difference": means[0] - means[1], "low": None, "high": None, "reason": None,
    }  # fmt: skip
    if min(n_with, n_without) < FEWEST:
        reason = f"fewer than {FEWEST} scored outputs {'with' if n_with < FEWEST else 'without'} it"
        return row | {"difference": None, "reason": reason}
    draws = [
        ratio(counts @ sums[0], counts @ sizes[0]) - ratio(counts @ sums[1], counts @ sizes[1])
        for counts in bootstrap_chunks(len(scores), settings.resamples, rng)
    ]
    found = percentile_interval(means[0] - means[1], np.concatenate(draws), settings.coverage)
    return row | {"low": found.low, "high": found.high}


def agreement_table(tagged: Sequence[Tagged], settings: Settings) -> list[Row]:
    """Alpha of each tag, chosen or not: between annotators, and of people with the rules."""
    rng = settings.rng("artefact_agreement")
    people, rules = tagged
    rows = []
    for tag in (None, *people.tags):
        lists = [
            [_has(tag, chosen) for chosen in by_rater.values()]
            for by_rater in people.given.values()
        ]
        rows.append(_alpha("annotators", tag, lists, "no output was judged by two", rng, settings))
    spots = list(people.given)
    for tag in (None, *SAME):
        if tag is None or tag in people.tags:
            both = [side.any() if tag is None else side.tags[tag] for side in (people, rules)]
            lists = [[bool(has[spot]) for has in both] for spot in spots]
            reason = "no output was judged"
            rows.append(_alpha("people and rules", tag, lists, reason, rng, settings))
    return rows


def _has(tag: str | None, chosen: frozenset[str]) -> bool:
    return bool(chosen) if tag is None else tag in chosen


def _alpha(
    between: str,
    tag: str | None,
    lists: Sequence[Sequence[bool]],
    too_few: str,
    rng: np.random.Generator,
    settings: Settings,
) -> Row:
    lists = [said for said in lists if len(said) > 1]
    said = [float(one) for each in lists for one in each]
    row: Row = {
        "between": between, "tag": tag, "n": len(lists), "alpha": None, "low": None, "high": None,
        "reason": None,
    }  # fmt: skip
    if not lists:
        return row | {"reason": too_few}
    if len(set(said)) == 1:
        return row | {"reason": "it is chosen always" if said[0] else "it is never chosen"}
    units = [place for place, each in enumerate(lists) for _ in each]
    found = alpha_interval(
        said, units, level="nominal", rng=rng, coverage=settings.coverage,
        resamples=settings.resamples,
    )  # fmt: skip
    reason = None if np.isfinite(found.value) else "alpha is not defined"
    return row | {"alpha": found.value, "low": found.low, "high": found.high, "reason": reason}
