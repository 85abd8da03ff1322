"""Addresses of the annotators' own pages."""

from django.urls import path

from annotation.views import annotate, batch, my_work, profile

urlpatterns = [
    path("work/", my_work.my_work, name="my_work"),
    path("work/profile/", profile.profile, name="profile"),
    path("work/<int:campaign>/next/", annotate.annotate_next, name="annotate_next"),
    path("work/<int:campaign>/batch/", batch.batch, name="batch"),
    path("work/sw.js", batch.service_worker, name="service_worker"),
    path("work/<int:campaign>/done/", my_work.done, name="done"),
    path("work/<int:campaign>/guideline/", my_work.guideline, name="guideline"),
    path("work/item/<int:pk>/", annotate.annotate, name="annotate"),
]
