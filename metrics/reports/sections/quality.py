"""Quality control: known answers, damaged outputs and repeats, annotator by annotator."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, dot_groups, line_spec
from metrics.reports.pieces import MOST_ROWS, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, estimate, interval, number, percent

Row = Mapping[str, Any]
Rows = Sequence[Row]
STRATA = {
    None: gettext_lazy("all"),
    "minor": gettext_lazy("minor"),
    "major": gettext_lazy("major"),
    "critical": gettext_lazy("critical"),
}


@SECTIONS.register("quality")
class Quality(Section):
    name = "quality"
    title = gettext_lazy("Quality control")
    place = 43
    sometimes = ("annotator_checks",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.annotator_checks import check_table

        return {
            "annotator_checks": lambda: (
                check_table(material.campaign, material.frame, material.settings) or None
            )
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        checks = payload.get("annotator_checks")
        if not checks:
            return None
        return {
            "sentences": sentences(checks),
            "checks": _checks(checks),
            "damaged": _damaged(checks) if _has(checks, "auc") else None,
            "repeats": repeat_table(checks) if _has(checks, "exact") else None,
        }


def sentences(checks: Rows) -> list[str]:
    """What everybody together got right, or the only annotator."""
    words = {
        "share_right": _("%(share)s of %(n)s known answers were right."),
        "share_found": _("%(share)s of %(n)s damaged outputs were told from the sound ones."),
        "exact": _("%(share)s of %(n)s items shown again got the same answer."),
    }
    chosen: dict[str, Row] = {}
    for row in checks:
        if row["statistic"] in words and row["stratum"] is None:
            chosen.setdefault(row["statistic"], row)
    return [
        words[name] % {"share": percent(row["value"]), "n": row["n"]}
        for name, row in chosen.items()
    ]


def _has(checks: Rows, statistic: str) -> bool:
    """Whether anybody has this number."""
    return any(row["statistic"] == statistic and row["value"] is not None for row in checks)


def _who(row: Row) -> str:
    return str(row["annotator"] or _("everybody"))


def _people(checks: Rows) -> list[str]:
    return list(dict.fromkeys(_who(row) for row in checks))


def _cell(checks: Rows, person: str, statistic: str, stratum: str | None = None) -> Row | None:
    for row in checks:
        if (_who(row), row["statistic"], row["stratum"]) == (person, statistic, stratum):
            return row
    return None


def _share(row: Row | None) -> str:
    """ "83% (61% to 94%), n 12" """
    if row is None or row["value"] is None:
        return DASH
    ends = _("%(low)s to %(high)s") % {"low": percent(row["low"]), "high": percent(row["high"])}
    return f"{percent(row['value'])} ({ends}), n {row['n']}"


def _value(row: Row | None) -> str:
    return DASH if row is None else estimate(row["value"], row["low"], row["high"])


def _checks(checks: Rows) -> dict[str, Any]:
    labels = {
        "share_right": _("Known answers right"),
        "share_found": _("Damaged outputs found"),
        "exact": _("Same answer when shown again"),
    }
    labels = {name: label for name, label in labels.items() if _has(checks, name)}
    rows = [
        [person, *(_share(_cell(checks, person, name)) for name in labels)]
        for person in _people(checks)
    ]
    groups = {
        label: [row for row in checks if row["statistic"] == name and row["stratum"] is None]
        for name, label in labels.items()
    }
    return figure(
        "figure-checks",
        _("What controls say of each annotator"),
        _lines(groups, _("share, with 95% interval")),
        table([_("Annotator"), *labels.values()], rows, 1),
    )


def _damaged(checks: Rows) -> dict[str, Any]:
    columns = [
        _("Annotator"),
        _("Damage"),
        _("Found"),
        _("d′ (95% interval)"),
        _("AUC (95% interval)"),
        _("n"),
    ]
    rows = []
    for person in _people(checks):
        for stratum, label in STRATA.items():
            if found := _cell(checks, person, "share_found", stratum):
                told = [_cell(checks, person, name, stratum) for name in ("d_prime", "auc")]
                cells = [percent(found["value"]), *map(_value, told), found["n"]]
                rows.append([person, str(label), *cells])
    groups = {
        str(label): chosen
        for stratum, label in STRATA.items()
        if (chosen := [r for r in checks if (r["statistic"], r["stratum"]) == ("auc", stratum)])
    }
    return figure(
        "figure-damaged",
        _("Sound outputs told from damaged ones, by the damage's severity"),
        _lines(groups, _("AUC: 0.5 is guessing")),
        table(columns, rows, 2),
        _("AUC: the chance that the sound output scores above the damaged one."),
    )


def repeat_table(checks: Rows) -> dict[str, Any]:
    """How alike each annotator answered the same item twice."""
    labels = {
        "exact": _("Same answer"),
        "within_one": _("At most one step apart"),
        "kappa": _("Kappa (95% interval)"),
        "alpha": _("Alpha (95% interval)"),
        "mean_distance": _("Mean distance (95% interval)"),
    }
    labels = {name: label for name, label in labels.items() if _has(checks, name)}
    rows = []
    for person in _people(checks):
        if first := _cell(checks, person, "exact"):
            cells = [_repeated(name, _cell(checks, person, name)) for name in labels]
            rows.append([person, *cells, first["n"]])
    return table([_("Annotator"), *labels.values(), _("n")], rows, 1)


def _repeated(name: str, row: Row | None) -> str:
    if row is None or row["value"] is None:
        return DASH
    if name in ("exact", "within_one"):
        return percent(row["value"])
    if name == "mean_distance":
        return _value(row)
    ends = "" if row["low"] is None else f" ({interval(row['low'], row['high'], 2)})"
    return number(row["value"], 2) + ends


def _lines(groups: Mapping[str, Rows], axis: str) -> Spec:
    """A line for each annotator, everybody on top; as many as the table has."""
    known = {
        label: [row | {"who": _who(row)} for row in rows if row["value"] is not None]
        for label, rows in groups.items()
    }
    names = list(dict.fromkeys(row["who"] for rows in known.values() for row in rows))
    names = sorted(names[:MOST_ROWS], key=names.index, reverse=True)
    shown = {label: [r for r in rows if r["who"] in names] for label, rows in known.items()}
    spec = line_spec(dot_groups(shown, "value", "who", names), axis, names, numbered=True)
    spec["layout"]["xaxis"]["range"] = [-0.02, 1.02]
    spec["layout"]["height"] += 8 * len(groups) * len(names)
    return spec
