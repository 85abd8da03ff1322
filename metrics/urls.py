"""Addresses of the measuring room."""

from django.urls import path

from metrics.views import (
    across,
    benchmarks,
    claims,
    datasheets,
    judges,
    live,
    packages,
    planner,
    reports,
    scoring,
    segments,
    slices,
)

app_name = "metrics"
urlpatterns = [
    path("benchmarks/", benchmarks.benchmarks, name="benchmarks"),
    path("benchmarks/report.json", benchmarks.benchmarks_json, name="benchmarks_json"),
    path("benchmarks/judges/", judges.judge_list, name="judge_list"),
    path("benchmarks/judges/start/", judges.judge_start, name="judge_start"),
    path("benchmarks/judges/<int:pk>/", judges.judge, name="judge"),
    path("benchmarks/judges/<int:pk>/cancel/", judges.judge_cancel, name="judge_cancel"),
    path("benchmarks/judges/<int:pk>/resume/", judges.judge_resume, name="judge_resume"),
    path("benchmarks/judges/<int:pk>/progress/", judges.judge_progress, name="judge_progress"),
    path("campaigns/<int:pk>/live/", live.live, name="live"),
    path("campaigns/<int:pk>/planner/", planner.campaign_planner, name="campaign_planner"),
    path("planner/", planner.planner, name="planner"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/across/", across.across, name="across"),
    path("reports/across/download/", across.across_csv, name="across_csv"),
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/start/", reports.report_start, name="report_start"),
    path("reports/<int:pk>/progress/", reports.report_progress, name="report_progress"),
    path("reports/<int:pk>/download/<slug:kind>/", reports.report_download, name="report_download"),
    path("reports/<int:pk>/tables/<slug:kind>/", packages.tables, name="tables"),
    path("reports/<int:pk>/capsule/", packages.capsule, name="capsule"),
    path("reports/<int:pk>/archive/", packages.archive, name="archive"),
    path("reports/<int:pk>/files/<slug:kind>/", packages.package, name="package"),
    path("reports/<int:pk>/files/<slug:kind>/start/", packages.package_start, name="package_start"),
    path(
        "reports/<int:pk>/files/<int:package>/download/",
        packages.package_download,
        name="package_download",
    ),
    path(
        "reports/<int:pk>/files/<int:package>/progress/",
        packages.package_progress,
        name="package_progress",
    ),
    path(
        "reports/<int:pk>/files/<int:package>/cancel/",
        packages.package_cancel,
        name="package_cancel",
    ),
    path(
        "reports/<int:pk>/files/<int:package>/resume/",
        packages.package_resume,
        name="package_resume",
    ),
    path("reports/<int:pk>/claims/", claims.claims, name="claims"),
    path("reports/<int:pk>/claims/pin/", claims.claim_pin, name="claim_pin"),
    path("reports/<int:pk>/claims/<int:claim>/again/", claims.claim_again, name="claim_again"),
    path("reports/<int:pk>/claims/<int:claim>/delete/", claims.claim_delete, name="claim_delete"),
    path("reports/<int:pk>/datasheet/", datasheets.datasheet, name="datasheet"),
    path(
        "reports/<int:pk>/datasheet/download/<slug:kind>/",
        datasheets.datasheet_download,
        name="datasheet_download",
    ),
    path("reports/<int:pk>/segments/<int:segment>/", segments.segment, name="segment"),
    path("reports/<int:pk>/outputs/", slices.outputs, name="outputs"),
    path("reports/<int:pk>/outputs/save/", slices.slice_save, name="slice_save"),
    path("reports/<int:pk>/outputs/export/", slices.slice_export, name="slice_export"),
    path("reports/<int:pk>/outputs/rate/", slices.slice_rerate, name="slice_rerate"),
    path(
        "reports/<int:pk>/outputs/<int:slice_pk>/delete/", slices.slice_delete, name="slice_delete"
    ),
    path("scoring/", scoring.scoring_list, name="scoring_list"),
    path("scoring/start/", scoring.scoring_start, name="scoring_start"),
    path("scoring/<int:pk>/", scoring.scoring_detail, name="scoring_detail"),
    path("scoring/<int:pk>/progress/", scoring.scoring_progress, name="scoring_progress"),
    path("scoring/<int:pk>/cancel/", scoring.scoring_cancel, name="scoring_cancel"),
    path("scoring/<int:pk>/resume/", scoring.scoring_resume, name="scoring_resume"),
]
