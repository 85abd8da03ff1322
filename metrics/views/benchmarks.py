"""Systems beside each other on benchmarks: values, changes of adapters, means by language."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import site_reader_required


def _report(request: HttpRequest) -> tuple[Any, list[Any], dict[str, Any] | None]:
    """The frame asked for, all frames, and its report; no report where nothing was run."""
    from metrics.benchmarks.loading import comparisons, frames
    from metrics.benchmarks.report import kept_report

    found = frames(comparisons())
    if not found:
        return None, [], None
    asked = request.GET.get("frame", "")
    ordered = sorted(found, key=lambda frame: (-len(found[frame]), frame.slug))
    frame = next((frame for frame in ordered if frame.slug == asked), ordered[0])
    return frame, ordered, kept_report(frame, found[frame])


@require_GET
@site_reader_required
def benchmarks(request: HttpRequest) -> HttpResponse:
    from metrics.benchmarks import tables
    from metrics.benchmarks.groups import DIMENSIONS

    frame, all_frames, report = _report(request)
    context: dict[str, Any] = {"frame": frame, "frames": all_frames, "report": report}
    if report is not None:
        context |= {
            "overview": tables.overview(report),
            "details": [(task, tables.task_table(task)) for task in report["tasks"]],
            "adaptations": [
                (row, tables.change_table(report, row["base"], row["adapter"]))
                for row in report["retention"]
            ],
            "means": [(name, tables.means_table(report, name)) for name in DIMENSIONS],
        }
    return render(request, "metrics/benchmarks.html", context)


@require_GET
@site_reader_required
def benchmarks_json(request: HttpRequest) -> HttpResponse:
    report = _report(request)[2] or {"tasks": []}
    response = JsonResponse(report, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="benchmarks.json"'
    return response
