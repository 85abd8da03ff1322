"""Addresses of corpora and the reports on them."""

from django.urls import path

from models_app.views import corpora, corpus_making, corpus_reports

urlpatterns = [
    path("corpora/", corpora.corpus_list, name="corpus_list"),
    path("corpora/load/", corpora.CorpusUpload.as_view(), name="corpus_upload"),
    path("corpora/mix/", corpus_making.mix, name="corpus_mix"),
    path("corpora/<int:pk>/translate/", corpus_making.translate, name="corpus_translate"),
    path("corpora/translations/<int:pk>/", corpus_making.translation, name="corpus_translation"),
    path(
        "corpora/translations/<int:pk>/cancel/",
        corpus_making.cancel,
        name="corpus_translation_cancel",
    ),
    path(
        "corpora/translations/<int:pk>/resume/",
        corpus_making.resume,
        name="corpus_translation_resume",
    ),
    path(
        "corpora/translations/<int:pk>/progress/",
        corpus_making.progress,
        name="corpus_translation_progress",
    ),
    path("corpora/<int:pk>/", corpora.corpus_detail, name="corpus_detail"),
    path("corpora/<int:pk>/split/", corpora.corpus_split, name="corpus_split"),
    path("corpora/<int:pk>/draw/", corpora.corpus_draw, name="corpus_draw"),
    path("corpora/<int:pk>/check/", corpus_reports.corpus_check, name="corpus_check"),
    path("corpora/<int:pk>/audit/", corpus_reports.corpus_audit, name="corpus_audit"),
    path("corpora/<int:pk>/measure/", corpus_reports.corpus_measure, name="corpus_measure"),
    path("corpora/findings/<int:pk>/", corpus_reports.detail, name="corpus_report"),
    path("corpora/findings/<int:pk>/cancel/", corpus_reports.cancel, name="corpus_report_cancel"),
    path("corpora/findings/<int:pk>/resume/", corpus_reports.resume, name="corpus_report_resume"),
    path(
        "corpora/findings/<int:pk>/progress/",
        corpus_reports.progress,
        name="corpus_report_progress",
    ),
]
