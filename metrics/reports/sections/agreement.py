"""How alike people rate, in numbers and in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.figures import Rows, Spec, dot_groups, line_spec
from metrics.reports.pieces import defined, figure, table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, STATISTICS, interval, number, percent

Row = Mapping[str, Any]
GOOD, FAIR = 0.8, 0.667  # Krippendorff's limits for alpha
STRICTNESS = 0.1  # consistency above agreement by as much is worth a sentence
MOSTLY, LOW_KAPPA = 0.8, 0.4  # shares and kappas between which kappa's paradox is named
FORMS = {
    "A,1": gettext_lazy("ICC(A,1): agreement, one rating"),
    "A,k": gettext_lazy("ICC(A,k): agreement, mean of all"),
    "1,1": gettext_lazy("ICC(1,1): any raters, one rating"),
    "C,1": gettext_lazy("ICC(C,1): consistency only, strictness left out"),
}


@SECTIONS.register("agreement")
class Agreement(Section):
    name = "agreement"
    title = gettext_lazy("Agreement")
    place = 40
    always = ("agreement",)

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.agreement import agreement_table as rows

        return {"agreement": lambda: rows(material.frame, material.settings)}

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any]:
        main = payload["protocol_details"]["main_criterion"]
        rows = payload["agreement"]
        others = dict.fromkeys(row["criterion"] for row in rows if row["criterion"] != main)
        return {
            "has_icc": any(row["statistic"] == "icc" for row in rows),
            "sentences": verdict([row for row in rows if row["criterion"] == main]),
            "figure": figure(
                "figure-agreement",
                _("How alike the raters rate"),
                agreement_figure(rows),
                agreement_table([row for row in rows if row["criterion"] == main]),
            ),
            "others": [
                {
                    "criterion": name,
                    "table": agreement_table([row for row in rows if row["criterion"] == name]),
                }
                for name in others
            ],
        }


def verdict(rows: Sequence[Row]) -> list[str]:
    """What the main criterion's statistics say, in plain words."""
    found = {(row["statistic"], row["level"]): row for row in rows}
    alpha = next(row for row in rows if row["statistic"] == "krippendorff_alpha")
    parts = [_alpha(alpha), _mean_of_all(found), _strictness(found), _paradox(rows)]
    return [part for part in parts if part]


def _alpha(row: Row) -> str:
    if row["value"] is None:
        return _("Agreement is not defined: %(reason)s.") % {"reason": row["reason"]}
    words = {"alpha": number(row["value"], 2)}
    if row["low"] is not None:
        words["alpha"] += f" ({interval(row['low'], row['high'], 2)})"
    if row["value"] >= GOOD:
        return _("Alpha %(alpha)s: people agree well; single judgements can be relied on.") % words
    if row["value"] >= FAIR:
        return _("Alpha %(alpha)s: fair; good enough for tentative conclusions.") % words
    return (
        _(
            "Alpha %(alpha)s: low, by the usual limits of 0.67 and 0.8. Single judgements tell "
            "little; means over many segments can still be told apart, as their intervals show."
        )
        % words
    )


def _mean_of_all(found: Mapping[tuple[str, str], Row]) -> str:
    row = found.get(("icc", "A,k"))
    if row is None or row["value"] is None:
        return ""
    return _("The mean of all ratings of an output is steadier: ICC(A,k) %(value)s.") % {
        "value": number(row["value"], 2)
    }


def _strictness(found: Mapping[tuple[str, str], Row]) -> str:
    values = [found.get(("icc", form), {}).get("value") for form in ("A,1", "C,1")]
    if None in values or values[1] - values[0] < STRICTNESS:
        return ""
    return _(
        "People order outputs more alike (ICC(C,1) %(order)s) than they score them "
        "(ICC(A,1) %(score)s): some are stricter than others."
    ) % {"order": number(values[1], 2), "score": number(values[0], 2)}


def _paradox(rows: Sequence[Row]) -> str:
    """High agreement and low kappa: nearly all answers are of one kind."""
    found = {row["statistic"]: row for row in rows}
    share, kappa = found.get("percent_agreement"), found.get("fleiss_kappa")
    gwet = found.get("gwet_ac1") or found.get("gwet_ac2")
    if not share or not kappa or not gwet or None in (share["value"], kappa["value"]):
        return ""
    if share["value"] < MOSTLY or kappa["value"] > LOW_KAPPA:
        return ""
    return _(
        "%(share)s of answers are equal, yet Fleiss's kappa is %(kappa)s: nearly all answers "
        "are of one kind, where kappa is low by its nature; Gwet's coefficient is %(gwet)s."
    ) % {
        "share": percent(share["value"]),
        "kappa": number(kappa["value"], 2),
        "gwet": number(gwet["value"], 2),
    }


def agreement_table(rows: Sequence[Row]) -> dict:
    columns = [
        _("Statistic"),
        _("Level"),
        _("Value (95% interval)"),
        _("Units"),
        _("Raters"),
        _("Ratings"),
        _("Recipe"),
    ]
    cells = [
        [
            _statistic(row),
            DASH if row["statistic"] == "icc" else row["level"],
            defined(row),
            row["n_units"],
            row["n_raters"],
            row["n_ratings"],
            row["method"] or DASH,
        ]
        for row in rows
    ]
    shown = table(columns, cells, 2)
    return shown | {"caption": rows[0]["criterion"] if rows else ""}


def _statistic(row: Row) -> str:
    if row["statistic"] == "icc":
        return str(FORMS[row["level"]])
    return str(STATISTICS.get(row["statistic"], row["statistic"]))


def agreement_figure(agreement: Rows) -> Spec:
    """Of each criterion, what is corrected for chance; from none (0) to complete (1)."""
    known = [row for row in agreement if row["value"] is not None]
    names = list(dict.fromkeys(row["criterion"] for row in known))[::-1]
    wanted = {
        str(STATISTICS["krippendorff_alpha"]): ("krippendorff_alpha", None),
        str(STATISTICS["pairwise_kappa"]): ("pairwise_kappa", None),
        "ICC(A,1)": ("icc", "A,1"),
        "ICC(A,k)": ("icc", "A,k"),
    }
    groups = {
        label: chosen
        for label, (statistic, level) in wanted.items()
        if (
            chosen := [
                row
                for row in known
                if row["statistic"] == statistic and level in (None, row["level"])
            ]
        )
    }
    axis = _("0 is chance, 1 is complete")
    spec = line_spec(dot_groups(groups, "value", "criterion", names), axis, names, numbered=True)
    shown = [row for rows in groups.values() for row in rows]
    lowest = min((row["low"] for row in shown if row["low"] is not None), default=0.0)
    spec["layout"]["xaxis"]["range"] = [min(-0.05, lowest - 0.05), 1.05]
    spec["layout"]["height"] += 20 * len(names)
    return spec
