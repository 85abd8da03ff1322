"""Every address of the programs' door, under /api/v1/."""

from django.urls import path, re_path

from api import converters as _converters  # noqa: F401 - registers `id` and `name`
from api.endpoints import patterns
from api.resources import RESOURCES
from api.views import nothing_here, reference, schema

app_name = "api"
urlpatterns = [
    path("schema/", schema, name="schema"),
    path("docs/", reference, name="docs"),
    *patterns(RESOURCES),
    re_path(r"^.*\Z", nothing_here, name="nothing"),
]
