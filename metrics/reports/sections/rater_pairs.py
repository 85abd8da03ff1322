"""Who disagrees with whom, and on what."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Spec, heat_map
from metrics.reports.pieces import figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, alike, number, percent, points

Row = Mapping[str, Any]
Rows = Sequence[Row]
MOST_SHOWN = 25  # raters or pairs on a side of a figure
PULLS = 0.05  # a change of alpha that is worth a sentence


@SECTIONS.register("rater_pairs")
class RaterPairs(Section):
    name = "rater_pairs"
    title = gettext_lazy("Who disagrees with whom")
    place = 41
    sometimes = ("rater_pairs", "agreement_without", "category_balance")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.rater_pairs import balance_table as balance
        from metrics.analyses.rater_pairs import pair_table as pairs
        from metrics.analyses.rater_pairs import without_table as without

        frame, settings = material.frame, material.settings
        return {
            "rater_pairs": lambda: pairs(frame, settings) or None,
            "agreement_without": lambda: without(frame) or None,
            "category_balance": lambda: balance(frame) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        rows = payload.get("rater_pairs")
        if not rows:
            return None
        details = payload["protocol_details"]
        main, unit = details["main_criterion"], details["unit"]
        whole = [row for row in rows if row["domain"] is None]
        first = [row for row in whole if row["criterion"] == main]
        without = payload.get("agreement_without", ())
        return {
            "sentences": sentences(first, [r for r in without if r["criterion"] == main], unit),
            "pairs": figure(
                "figure-rater-pairs",
                _("Mean distance between two annotators' scores"),
                rater_figure(first),
                pair_table(first),
                _("%(criterion)s, %(unit)s; the stronger the colour, the further apart.")
                % {"criterion": main, "unit": unit},
            ),
            "domains": _spread(
                "domains", _("The same in each domain"), [r for r in rows if r["domain"]], "domain"
            ),
            "criteria": _spread("criteria", _("The same for each criterion"), whole, "criterion"),
            "without": without_table(without) if without else None,
            "balance": balance_table(payload.get("category_balance", ())),
        }


def sentences(pairs: Rows, without: Rows, unit: str) -> list[str]:
    """Who is furthest from whom, and who pulls agreement down."""
    said = []
    known = [row for row in pairs if row["distance"] is not None]
    if len(known) > 1:
        row = max(known, key=lambda row: row["distance"])
        words = {"a": row["rater_a"], "b": row["rater_b"], "distance": points(row["distance"])}
        text = _("%(a)s and %(b)s are furthest apart: %(distance)s on average (%(unit)s).")
        said.append(text % {**words, "unit": unit})
    pulling = [r for r in without if r["change"] is not None and r["change"] >= PULLS]
    for row in sorted(pulling, key=lambda row: -row["change"])[:1]:
        said.append(
            _("Without %(who)s alpha would be %(alpha)s, %(change)s higher.")
            % {
                "who": row["annotator"],
                "alpha": number(row["alpha"], 2),
                "change": number(row["change"], 2),
            }
        )
    if without and not pulling and all(row["change"] is not None for row in without):
        said.append(_("Nobody alone pulls agreement down."))
    return said


def _name(row: Row) -> str:
    return f"{row['rater_a']} – {row['rater_b']}"


def _gap(row: Row) -> float | None:
    """How far apart, in points; of answers without distances, the share of different ones."""
    if row["distance"] is not None or row["exact"] is None:
        return row["distance"]
    return float(1 - row["exact"])


def rater_figure(rows: Rows) -> Spec:
    """Raters by raters, both halves filled; nothing to draw of two."""
    names = list(dict.fromkeys(name for row in rows for name in (row["rater_a"], row["rater_b"])))
    names = sorted(names)[:MOST_SHOWN]
    if len(names) < 3:
        names = []
    cells = {(row["rater_a"], row["rater_b"]): _gap(row) for row in rows}
    cells |= {(b, a): value for (a, b), value in cells.items()}
    return heat_map(names, names, cells, alike(cells.values()))


def _spread(name: str, title: str, rows: Rows, column: str) -> dict[str, Any] | None:
    """Pairs down, domains or criteria across; None where there are fewer than two."""
    across = list(dict.fromkeys(row[column] for row in rows))
    if len(across) < 2:
        return None
    down = list(dict.fromkeys(_name(row) for row in rows))[:MOST_SHOWN]
    cells = {(_name(row), row[column]): _gap(row) for row in rows}
    word = alike(cells.values())
    lines = [
        [pair, *(word(cells.get((pair, place))) for place in across)]
        for pair in dict.fromkeys(_name(row) for row in rows)
    ]
    return figure(
        f"figure-rater-{name}",
        title,
        heat_map(down, across, cells, word),
        table([_("Annotators"), *across], lines, 1),
    )


def pair_table(rows: Rows) -> dict[str, Any]:
    columns = [
        _("Annotators"),
        _("Mean distance"),
        _("First minus second"),
        _("Equal answers"),
        _("Kappa"),
        _("Alpha"),
        _("n"),
    ]
    word = alike(row[name] for row in rows for name in ("distance", "bias"))
    cells = [
        [
            _name(row),
            word(row["distance"]),
            word(row["bias"]),
            percent(row["exact"]),
            DASH if row["kappa"] is None else number(row["kappa"], 2),
            DASH if row["alpha"] is None else number(row["alpha"], 2),
            row["n"],
        ]
        for row in sorted(rows, key=lambda row: -(_gap(row) or 0))
    ]
    return table(columns, cells, 1)


def without_table(rows: Rows) -> dict[str, Any]:
    columns = [_("Without"), _("Criterion"), _("Alpha"), _("Change"), _("Units"), _("Ratings")]
    cells = [
        [
            row["annotator"],
            row["criterion"],
            number(row["alpha"], 3) if row["alpha"] is not None else row["reason"],
            number(row["change"], 3),
            row["n_units"],
            row["n_ratings"],
        ]
        for row in rows
    ]
    return table(columns, cells, 2)


def balance_table(rows: Rows) -> dict[str, Any] | None:
    if not rows:
        return None
    columns = [
        _("Annotators"),
        _("Answer"),
        _("Both"),
        _("Only first"),
        _("Only second"),
        _("Neither"),
        _("Prevalence"),
        _("Bias"),
        _("Of this answer, shared"),
    ]
    cells = [
        [
            _name(row),
            row["category"],
            row["both"],
            row["only_first"],
            row["only_second"],
            row["neither"],
            number(row["prevalence"], 2),
            number(row["bias"], 2),
            percent(row["specific"]),
        ]
        for row in rows
    ]
    return table(columns, cells, 2)
