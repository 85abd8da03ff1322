"""Addresses of the studies."""

from django.urls import path

from studies import views

app_name = "studies"
urlpatterns = [
    path("", views.study_list, name="list"),
    path("new/", views.study_new, name="new"),
    path("<int:pk>/", views.study_detail, name="detail"),
    path("<int:pk>/progress/", views.study_progress, name="progress"),
    path("<int:pk>/cancel/", views.study_cancel, name="cancel"),
    path("<int:pk>/again/", views.study_again, name="again"),
    path(
        "<int:pk>/configuration.json",
        views.study_file,
        {"kind": "configuration"},
        name="configuration",
    ),
    path("<int:pk>/tables.json", views.study_file, {"kind": "tables"}, name="tables"),
    path("<int:pk>/tables.md", views.study_file, {"kind": "md"}, name="markdown"),
]
