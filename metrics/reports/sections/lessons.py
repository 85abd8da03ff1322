"""Training, qualification and the guidelines that annotators followed."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from metrics.reports.pieces import table
from metrics.reports.sections import SECTIONS, Link, Material, Section
from metrics.reports.sections.base import Payload, Tables
from metrics.reports.words import DASH, number, percent

Rows = Sequence[Mapping[str, Any]]
RESULTS = {
    "passed": gettext_lazy("passed"),
    "failed": gettext_lazy("failed"),
    "not finished": gettext_lazy("not finished"),
    "not tested": gettext_lazy("not tested"),
}


@SECTIONS.register("lessons")
class Lessons(Section):
    name = "lessons"
    title = gettext_lazy("Training and guidelines")
    place = 45
    sometimes = ("lessons", "guideline_versions")

    def tables(self, material: Material) -> Tables:
        from metrics.analyses.lessons import guideline_table as guidelines
        from metrics.analyses.lessons import lesson_table as lessons

        campaign, settings = material.campaign, material.settings
        return {
            "lessons": lambda: lessons(campaign, settings) or None,
            "guideline_versions": lambda: guidelines(campaign, settings) or None,
        }

    def shown(self, payload: Payload, link: Link | None = None) -> Mapping[str, Any] | None:
        lessons, versions = payload.get("lessons"), payload.get("guideline_versions")
        if not lessons and not versions:
            return None
        return {
            "lessons": lesson_table(lessons) if lessons else None,
            "guidelines": guideline_table(versions) if versions else None,
            "n_guidelines": len(versions or ()),
        }


def lesson_table(lessons: Rows) -> dict[str, Any]:
    columns = [
        _("Annotator"),
        _("Training right"),
        _("Qualification"),
        _("Right (95% interval)"),
        _("Needed"),
        _("Attempts"),
    ]
    rows = [
        [
            row["annotator"],
            f"{row['n_training_right']} / {row['n_training']}" if row["n_training"] else DASH,
            str(RESULTS[row["result"]]),
            _right(row),
            DASH if row["threshold"] is None else f"{number(row['threshold'], 0)}%",
            row["attempts"],
        ]
        for row in lessons
    ]
    return table(columns, rows, 3)


def _right(row: Mapping[str, Any]) -> str:
    if row["share"] is None:
        return DASH
    ends = _("%(low)s to %(high)s") % {"low": percent(row["low"]), "high": percent(row["high"])}
    return f"{row['n_right']} / {row['n']}: {percent(row['share'])} ({ends})"


def guideline_table(versions: Rows) -> dict[str, Any]:
    columns = [_("Guideline"), _("Ratings"), _("Annotators"), _("First day"), _("Last day")]
    rows = [
        [
            row["guideline"] or _("none kept"),
            row["n_ratings"],
            row["n_annotators"],
            row["first"],
            row["last"],
        ]
        for row in versions
    ]
    return table(columns, rows, 1)
