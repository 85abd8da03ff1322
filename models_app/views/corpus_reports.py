"""Reports on corpora: start, watch, read."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import admin_required, site_reader_required
from models_app import jobs, tasks  # noqa: F401 - tasks makes the jobs known
from models_app.corpora.reports import is_out_of_date, start_report
from models_app.forms_corpora import AuditForm, MeasureForm
from models_app.models import Corpus, CorpusReport
from models_app.views.corpora import done

DIGITS = 2


@require_POST
@admin_required
def corpus_check(request: HttpRequest, pk: int) -> HttpResponse:
    def act(corpus: Corpus, asked: dict[str, Any]) -> str:
        start_report(corpus, CorpusReport.Kind.LEAKAGE, user=request.user)
        return _("The check waits for a worker.")

    return done(request, pk, forms.Form(request.POST), act)


@require_POST
@admin_required
def corpus_audit(request: HttpRequest, pk: int) -> HttpResponse:
    def act(corpus: Corpus, asked: dict[str, Any]) -> str:
        start_report(corpus, CorpusReport.Kind.ARTEFACTS, user=request.user, **asked)
        return _("The report waits for a worker.")

    return done(request, pk, AuditForm(request.POST), act)


@require_POST
@admin_required
def corpus_measure(request: HttpRequest, pk: int) -> HttpResponse:
    def act(corpus: Corpus, asked: dict[str, Any]) -> str:
        kind, checkpoint = CorpusReport.Kind.FERTILITY, asked["checkpoint"]
        start_report(corpus, kind, checkpoint=checkpoint, user=request.user)
        return _("The report waits for a worker.")

    return done(request, pk, MeasureForm(request.POST), act)


@site_reader_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    reports = CorpusReport.objects.select_related("corpus", "checkpoint")
    report = get_object_or_404(reports, pk=pk)
    payload = report.payload
    context: dict[str, Any] = {"report": report, "out_of_date": is_out_of_date(report)}
    if payload and report.kind == CorpusReport.Kind.LEAKAGE:
        context["findings"] = _findings(payload)
        context["datasets"] = payload["datasets"]
    elif payload and report.kind == CorpusReport.Kind.ARTEFACTS:
        context["tags"] = [
            {**row, "percent": None if row["share"] is None else 100 * row["share"]}
            for row in payload["tags"]
        ]
        context["trip"] = payload.get("round_trip")
    elif payload:
        context["figure"] = _figure(payload)
    return render(request, "models_app/corpus_report.html", context)


def _findings(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """The report's rows in words, worst places first: judged texts, then splits, then repeats."""
    sides = {"asked": _("asked"), "output": _("output"), "both": _("both together")}
    rows = [
        (
            _("%(dataset)s, %(field)s, in %(side)s (%(splits)s)")
            % {
                "dataset": r["dataset"],
                "field": r["field"],
                "side": sides[r["side"]],
                "splits": ", ".join(f"{n} {s or _('unsplit')}" for s, n in r["by_split"].items()),
            },
            r,
        )
        for r in payload["evaluation"]
    ]
    rows += [
        (
            _("%(split)s in %(other)s: %(side)s")
            % {"split": r["split"], "other": r["seen_in"], "side": sides[r["side"]]},
            r,
        )
        for r in payload["across"]
    ]
    rows += [
        (
            _("repeated in %(split)s: %(side)s")
            % {"split": r["split"] or _("the corpus"), "side": sides[r["side"]]},
            r,
        )
        for r in payload["within"]
    ]
    return [
        {"where": where, "percent": None if r["share"] is None else 100 * r["share"], **r}
        for where, r in rows
    ]


def _figure(payload: dict[str, Any]) -> dict[str, Any]:
    rows = payload["rows"]
    sides = list(dict.fromkeys(row["side"] for row in rows))
    bars = [
        {
            "type": "bar",
            "name": side,
            "x": [row["language"] for row in rows if row["side"] == side],
            "y": [row["tokens_per_word"] for row in rows if row["side"] == side],
        }
        for side in sides
    ]
    columns = [
        _("Language"), _("Side"), _("Script"), _("Texts"), _("Words"), _("Tokens"),
        _("Tokens per word"), _("Tokens per character"), _("Unknown, % of tokens"),
        _("Bytes, % of tokens"), _("In its script, % of letters"),
    ]  # fmt: skip
    table = [
        [row["language"], row["side"], row["script"] or "–", row["n_texts"], row["n_words"]]
        + [row["n_tokens"], _number(row["tokens_per_word"]), _number(row["tokens_per_character"])]
        + [_percent(row[name]) for name in ("unknown_share", "byte_share", "script_share")]
        for row in rows
    ]
    return {
        "id": "fertility",
        "title": _("Tokens per word"),
        "note": _("every text counted; 1 would be a token for each word"),
        "spec": {
            "data": bars,
            "layout": {"barmode": "group", "yaxis": {"title": {"text": _("tokens per word")}}},
        },
        "table": {"columns": columns, "rows": table, "numeric_from": 3},
    }


def _number(value: float | None) -> str:
    return _("not defined") if value is None else f"{value:.{DIGITS}f}"


def _percent(value: float | None) -> str:
    return _number(None if value is None else 100 * value)


@require_POST
@admin_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.request_cancel(get_object_or_404(CorpusReport, pk=pk))
    return redirect("models_app:corpus_report", pk)


@require_POST
@admin_required
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    if not jobs.resume(get_object_or_404(CorpusReport, pk=pk)):
        messages.info(request, _("Only a failed or cancelled report can be resumed."))
    return redirect("models_app:corpus_report", pk)


progress = site_reader_required(
    jobs.progress_view(CorpusReport, lambda request: CorpusReport.objects.all())
)
