"""How they judged: who got what, blind or not, when, with which controls."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from annotation.models import Campaign
from metrics.datasheets.asking import Question, asked
from metrics.datasheets.facts import Facts
from metrics.reports.words import estimate, number


def design(facts: Facts) -> Iterator[Question]:
    campaign = facts.campaign
    here = campaign.origin != Campaign.Origin.IMPORTED
    planned = _("%(design)s; %(n)s annotators for an item; seed %(seed)s.") % {
        "design": campaign.design_object.label,
        "n": campaign.raters_per_item,
        "seed": campaign.seed,
    }
    yield asked(_("Who judged which items?"), planned if here else "")
    yield asked(
        _("How many annotators judged an item in the end?"),
        *(_("%(n)s items: %(k)s") % {"n": n, "k": k} for k, n in facts.per_item.items()),
    )
    yield asked(
        _("Did annotators know who wrote what?"),
        _("No: pages, addresses and file names do not name systems.") if here else "",
        *_blinding(facts),
    )
    yield asked(
        _("In which order were items and outputs shown?"),
        _("Items in an order drawn with the seed; outputs in an order drawn for each annotator.")
        if here
        else "",
    )
    yield asked(
        _("What were annotators told?"),
        *(f"{name} v{v} ({lang}), SHA-256 {sha}" for name, v, lang, sha in facts.guidelines),
    )
    yield asked(_("When did they judge?"), _period(facts))
    yield asked(_("How long did an item take?"), _time(facts))
    yield asked(_("Which controls were mixed in?"), *_controls(facts))
    yield asked(_("Was anybody left out, and why?"), *_excluded(facts))
    yield asked(
        _("Could annotators talk, and change their minds?"),
        _(
            "%(n)s remarks were exchanged; %(changed)s answers were changed after talk, and "
            "none of the changes counts."
        )
        % {"n": facts.n_remarks, "changed": facts.report["counts"]["second_thoughts"]}
        if here
        else "",
    )
    plan = campaign.plan_hash
    yield asked(
        _("Was the plan fixed before?"),
        _("Yes, when the campaign opened; SHA-256 %(hash)s.") % {"hash": plan} if plan else "",
    )


def _blinding(facts: Facts) -> list[str]:
    rows = facts.report.get("blinding") or []
    if not rows:
        return []
    return [
        _("Asked to guess the tuned system: %(right)s of %(n)s guesses right, %(wrong)s wrong.")
        % {"right": rows[0]["n_right"], "n": rows[0]["n"], "wrong": rows[0]["n_wrong"]}
    ]


def _period(facts: Facts) -> str:
    if facts.first is None or facts.last is None:
        return ""
    if facts.campaign.origin == Campaign.Origin.IMPORTED:
        return ""  # the times are those of the import
    days = {"first": facts.first.date().isoformat(), "last": facts.last.date().isoformat()}
    return _("From %(first)s to %(last)s.") % days


def _time(facts: Facts) -> str:
    if facts.seconds is None or facts.hours is None:
        return ""
    low, middle, high = (number(value, 0) for value in facts.seconds)
    return _("Median %(middle)s s, quartiles %(low)s and %(high)s s; %(hours)s hours in all.") % {
        "middle": middle,
        "low": low,
        "high": high,
        "hours": number(facts.hours, 1),
    }


def _controls(facts: Facts) -> list[str]:
    names = {
        "known": _("items with a known answer"),
        "damaged": _("items with a damaged output"),
        "repeat": _("items shown again"),
    }
    found = [f"{names[k]}: {n}" for k, n in facts.n_items.items() if k in names]
    for row in facts.report.get("annotator_checks") or []:
        if row["annotator"] is None and row["stratum"] is None and row["value"] is not None:
            value = estimate(row["value"], row["low"], row["high"])
            found.append(f"{row['check']}, {row['statistic'].replace('_', ' ')}: {value}")
    if facts.campaign.origin == Campaign.Origin.IMPORTED:
        return found
    return found or [_("None.")]


def _excluded(facts: Facts) -> list[str]:
    out = [row for row in facts.report["annotators"] if row["state"] == "excluded"]
    counted = facts.report["generated_with"]["settings"].get("with_excluded")
    said = _("Counted all the same") if counted else _("Left out")
    return [f"{said}: {row['annotator']} ({row['reason']})" for row in out] or [
        _("Nobody of those whose ratings are here.")
    ]
