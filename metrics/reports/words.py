"""Numbers and findings as a person reads them; the page and the HTML file say them alike."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

MINUS = "\u2212"
DASH = "\u2013"

VERDICTS = {
    "agree": gettext_lazy("agree"),
    "opposite": gettext_lazy("say the opposite"),
    "only people": gettext_lazy("only people see a difference"),
    "only metric": gettext_lazy("only the metric sees a difference"),
    "neither": gettext_lazy("neither sees a difference"),
    "not defined": gettext_lazy("not defined"),
}
SIDES = {
    "better": gettext_lazy("better"),
    "worse": gettext_lazy("worse"),
    "not separable": gettext_lazy("neither"),
    "not defined": gettext_lazy("not defined"),
}
STATISTICS = {
    "pearson": "Pearson r",
    "spearman": "Spearman ρ",
    "kendall_b": "Kendall τ-b",
    "kendall_c": "Stuart τ-c",
    "krippendorff_alpha": gettext_lazy("Krippendorff's alpha"),
    "pairwise_kappa": gettext_lazy("pairwise weighted kappa"),
    "icc": gettext_lazy("intraclass correlation"),
    "fleiss_kappa": gettext_lazy("Fleiss's kappa"),
    "gwet_ac1": gettext_lazy("Gwet's AC1"),
    "gwet_ac2": gettext_lazy("Gwet's AC2"),
    "percent_agreement": gettext_lazy("equal answers, a share"),
}
GROUPINGS = {
    "none": gettext_lazy("all outputs together"),
    "item": gettext_lazy("within each segment"),
    "system": gettext_lazy("within each system"),
}


def number(value: float | None, digits: int = 3) -> str:
    """A number with a real minus sign; a dash where it is not defined."""
    if value is None:
        return DASH
    text = str(number_format(round(value, digits), digits, use_l10n=False))
    return text.replace("-", MINUS) if float(text) else text.lstrip("-")


def points(value: float | None) -> str:
    """A score: as many decimals as three digits need."""
    if value is None:
        return DASH
    return number(value, 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3)


def percent(value: float | None, digits: int = 0) -> str:
    """A share from 0 to 1 as a percentage."""
    return DASH if value is None else f"{number(100 * value, digits)}%"


def alike(values: Iterable[float | None]) -> Callable[[float | None], str]:
    """How to write the numbers of one column: all to the same decimals, as `points` of the largest
    would have; whole numbers without any."""
    known = [value for value in values if value is not None]
    largest = max(map(abs, known), default=0.0)
    whole = all(float(value).is_integer() for value in known)
    digits = 0 if whole else 1 if largest >= 100 else 2 if largest >= 0.1 else 3
    return lambda value: number(value, digits)


def brief(kinds: Sequence[str]) -> list[str]:
    """Kinds of errors by the last name of their path, where that says which."""
    ends = [kind.rpartition("/")[2] for kind in kinds]
    return [end if ends.count(end) == 1 else kind for kind, end in zip(kinds, ends, strict=True)]


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    if low is None or high is None:
        return DASH
    return f"{number(low, digits)} {pgettext('from to', 'to')} {number(high, digits)}"


def estimate(value: float | None, low: float | None, high: float | None) -> str:
    """A difference with its interval, all to the same decimals."""
    if value is None:
        return DASH
    size = max(abs(end) for end in (value, low or 0.0, high or 0.0))
    digits = 1 if size >= 100 else 2 if size >= 1 else 3
    ends = "" if low is None or high is None else f" ({interval(low, high, digits)})"
    return number(value, digits) + ends


def preferred(row: Mapping[str, Any], side: str) -> str:
    """The system that a side of a pair's row finds better, or that it finds neither."""
    names = {"better": row["system_a"], "worse": row["system_b"]}
    return names.get(row[side]) or str(SIDES[row[side]])


def with_p(p: float | None) -> str:
    """p with its sign: "p = 0.012" or "p < 0.001"."""
    return f"p {p_value(p)}" if p is not None and p < 0.001 else f"p = {p_value(p)}"


def p_value(p: float | None) -> str:
    if p is None:
        return DASH
    return "< 0.001" if p < 0.001 else number(p)


def pair_name(row: Mapping[str, Any]) -> str:
    return f"{row['system_a']} vs. {row['system_b']}"


def headline(payload: Mapping[str, Any]) -> str:
    """The finding in one sentence: what people prefer, and what each metric says of it."""
    rows = telling_pair(payload["pairs"])
    if not rows:
        return _("No two systems have ratings on the same segments yet.")
    sentence = _people(rows[0], payload)
    said = _metrics(rows, payload)
    return f"{sentence} {said}" if said else sentence


def telling_pair(pairs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of the pair where metrics contradict people most; else where people are surest."""
    by_pair: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in pairs:
        by_pair.setdefault((row["system_a"], row["system_b"]), []).append(row)

    def order(rows: list[Mapping[str, Any]]) -> tuple[int, float]:
        opposite = sum(row["verdict"] == "opposite" for row in rows)
        p = rows[0]["human_p_adjusted"]
        return -opposite, 1.0 if p is None else p

    return min(by_pair.values(), key=order, default=[])


def _people(row: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    names = {"a": row["system_a"], "b": row["system_b"], "n": row["n"]}
    if row["people_say"] == "worse":
        names["a"], names["b"] = names["b"], names["a"]
    names["delta"] = points(abs(row["human_delta"] or 0))
    names["unit"] = payload["protocol_details"]["unit"]
    ends = sorted(abs(end) for end in (row["human_low"], row["human_high"]) if end is not None)
    names["interval"] = interval(*ends, digits=2) if len(ends) == 2 else DASH
    names["people"] = _("Simulated raters") if payload["is_simulated"] else _("People")
    if row["people_say"] in ("better", "worse"):
        return (
            _(
                "%(people)s preferred %(a)s over %(b)s by %(delta)s (%(unit)s; 95%% interval "
                "%(interval)s; %(n)s segments)."
            )
            % names
        )
    return _("%(people)s could not separate %(a)s from %(b)s on %(n)s segments.") % names


def _metrics(rows: Sequence[Mapping[str, Any]], payload: Mapping[str, Any]) -> str:
    labels = {metric["metric"]: metric["label"] for metric in payload["metrics"]}
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["metric"] is not None:
            found.setdefault(row["verdict"], []).append(labels[row["metric"]])
    phrases = {
        "opposite": lambda n: ngettext("%s says the opposite", "%s say the opposite", n),
        "only people": lambda n: ngettext("%s sees no difference", "%s see no difference", n),
        "only metric": lambda n: ngettext("%s separates them", "%s separate them", n),
        "agree": lambda n: ngettext("%s agrees", "%s agree", n),
        "neither": lambda n: ngettext("nor could %s", "nor could %s", n),
    }
    parts = [
        phrase(len(found[name])) % joined(found[name])
        for name, phrase in phrases.items()
        if name in found
    ]
    return "; ".join(parts)[:1].upper() + "; ".join(parts)[1:] + "." if parts else ""


def joined(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {_('and')} {names[-1]}"
