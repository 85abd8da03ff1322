"""What was asked of annotators, and how sure the results are."""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from annotation.models import Campaign
from metrics.datasheets.asking import Question, Row, asked
from metrics.datasheets.facts import Facts
from metrics.reports.words import MINUS, estimate


def criteria(facts: Facts) -> Iterator[Question]:
    details = facts.report["protocol_details"]
    yield asked(_("Which protocol?"), details["label"])
    yield asked(_("Which quality criteria?"), ", ".join(details["criteria"]))
    directions = {"higher": _("higher is better"), "lower": _("lower is better")}
    yield asked(
        _("On which scale?"),
        f"{details['unit']}; {details['level']}; {directions[details['direction']]}",
    )
    here = facts.campaign.origin != Campaign.Origin.IMPORTED
    compares = facts.campaign.protocol_object.compares
    shown = _("Beside the others of its segment.") if compares else _("Alone.")
    yield asked(_("Was an output judged alone or beside others?"), shown if here else "")
    options = {k: v for k, v in facts.campaign.options.items() if k not in ("quality", "design")}
    yield asked(
        _("Which settings did the protocol have?"),
        *(f"{name}: {value}" for name, value in sorted(options.items()) if value != ""),
    )
    yield asked(
        _("Could annotators decline, or flag an item?"),
        _(
            "%(none)s finished answers have no score; %(flagged)s are flagged; %(open)s answers "
            "were not finished and do not count."
        )
        % {"none": facts.n_cannot, "flagged": facts.n_flagged, "open": facts.n_incomplete},
    )


def results(facts: Facts) -> Iterator[Question]:
    report = facts.report
    settings = report["generated_with"]["settings"]
    yield asked(_("How alike did annotators judge?"), *map(_agreement, report["agreement"]))
    yield asked(
        _("How are scores put together?"),
        _("Mean over segments of the mean over raters."),
    )
    yield asked(
        _("How are intervals and tests made?"),
        _("Intervals of %(coverage)s%%: bootstrap that draws segments, %(resamples)s resamples.")
        % {"coverage": round(100 * settings["coverage"]), "resamples": settings["resamples"]},
        _(
            "Tests: signs of segments' differences flipped, %(n)s permutations; Holm's correction; "
            "a difference counts below %(alpha)s."
        )
        % {"n": settings["permutations"], "alpha": settings["alpha"]},
        _("Seed %(seed)s.") % {"seed": settings["seed"]},
    )
    yield asked(
        _("Which metrics were computed on the same outputs?"),
        *(f"{metric['label']}: {metric['signature']}" for metric in report["metrics"]),
    )
    detectable = (facts.campaign.plan or {}).get("detectable")
    yield asked(
        _("What could the study detect?"),
        "; ".join(f"{name}: {value}" for name, value in detectable.items() if value is not None)
        if isinstance(detectable, Mapping)
        else "",
    )
    made = report["generated_with"]
    yield asked(_("What computed the numbers?"), f"Nikash {made['nikash']}, {made['data']}")


def _agreement(row: Row) -> str:
    name = f"{row['criterion']}, {row['statistic'].replace('_', ' ')}"
    if row["value"] is None:
        return _("%(name)s: not defined, %(reason)s") % {"name": name, "reason": row["reason"]}
    value = estimate(row["value"], row["low"], row["high"]).replace(MINUS, "-")
    return f"{name}: {value}, n = {row['n_units']}"
