"""The pages of an archive: the report, a page for each segment, and the explorer."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.template.loader import get_template
from django.utils.translation import gettext as _

from metrics.archives.gathering import Answer, Study
from metrics.datasheets.writing import datasheet_context
from metrics.reports.display import report_context
from metrics.reports.words import DASH, points

POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; "
    "img-src 'self' file: data:; font-src 'self' file:; base-uri 'none'; form-action 'none'"
)
"""`file:` stands for 'self' where a folder is opened; a page on a server cannot load from there."""


def page_files(study: Study) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every page."""
    pages = study.page_of
    context = report_context(study.report, pages.get) | _about(study, "")
    yield "index.html", _rendered("index", context)
    context = datasheet_context(study.campaign, study.report) | _about(study, "")
    yield "datasheet.html", _rendered("datasheet", context)
    yield "explorer.html", _rendered("explorer", _about(study, "") | _choices(study))
    last = len(study.segments) - 1
    for number in range(len(study.segments)):
        context = _about(study, "../") | _segment(study, number)
        context["previous"] = f"../{study.page(number - 1)}" if number else ""
        context["next"] = f"../{study.page(number + 1)}" if number < last else ""
        yield study.page(number), _rendered("segment", context)


def _rendered(name: str, context: Mapping[str, Any]) -> bytes:
    return get_template(f"metrics/archive/{name}.html").render(dict(context)).encode()


def _about(study: Study, root: str) -> dict[str, Any]:
    """What every page knows; `root` leads to the archive's own folder.

    No campaign: where there is one, sections lead to the site's own pages.
    """
    return {"report": study.report, "root": root, "policy": POLICY}


def _choices(study: Study) -> dict[str, Any]:
    return {
        "systems": study.frame.systems,
        "domains": sorted({place.domain for place in study.frame.segments} - {""}),
        "metrics": study.values,
        "unit": study.report["protocol_details"]["unit"],
        "n_outputs": int((study.frame.outputs != 0).sum()),
    }


def _segment(study: Study, number: int) -> dict[str, Any]:
    systems = study.frame.systems
    shown = [(s, study.texts[number, s]) for s in range(len(systems)) if (number, s) in study.texts]
    return {
        "segment": study.segments[number],
        "number": number + 1,
        "n_segments": len(study.segments),
        "outputs": [{"system": systems[s], "text": text} for s, text in shown],
        "answers": _answers(study, number),
        "spans": _spans(study, number),
        "values": _values(study, number, [s for s, _text in shown]),
    }


def _answers(study: Study, number: int) -> dict[str, Any]:
    """A row for each rater and output, a column for each criterion."""
    answers = study.answers.get(number, [])
    criteria = list(dict.fromkeys(name for answer in answers for name in answer.scores))
    rows = [
        [
            study.frame.systems[answer.system],
            answer.annotator,
            *(points(answer.scores.get(name)) for name in criteria),
            _remarks(answer),
        ]
        for answer in answers
    ]
    return _whole([_("System"), _("Annotator"), *criteria, _("Remarks")], rows, 2)


def _remarks(answer: Answer) -> str:
    return " · ".join(
        part for part in (_("flagged") if answer.flagged else "", answer.note) if part
    )


def _spans(study: Study, number: int) -> dict[str, Any]:
    rows = [
        [
            study.frame.systems[error.system],
            error.annotator,
            _("source") if error.side == "source" else _("output"),
            error.quoted or _("the whole segment"),
            error.severity,
            error.category or DASH,
            error.note or DASH,
        ]
        for error in study.errors.get(number, [])
    ]
    columns = [
        _("System"),
        _("Annotator"),
        _("Side"),
        _("Text"),
        _("Severity"),
        _("Category"),
        _("Note"),
    ]
    return _whole(columns, rows, len(columns))


def _values(study: Study, number: int, systems: list[int]) -> dict[str, Any]:
    """A row for each metric, a column for each system."""
    rows = [
        [
            f"{metric.label} ({metric.scorer.unit})",
            *(points(_finite(metric.values[number, s])) for s in systems),
            metric.segment_signature,
        ]
        for metric in study.values
    ]
    columns = [_("Metric"), *(study.frame.systems[s] for s in systems), _("Signature")]
    return _whole(columns, rows, 1)


def _whole(columns: list[str], rows: list[list[Any]], numeric_from: int) -> dict[str, Any]:
    """For partials/table.html, with every row: an archive has no other place for them."""
    return {"columns": columns, "rows": rows, "numeric_from": numeric_from}


def _finite(value: Any) -> float | None:
    return float(value) if value == value else None
