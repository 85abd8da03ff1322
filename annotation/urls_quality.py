"""Addresses of quality control: leaks, lessons, known answers."""

from django.urls import path

from annotation.views import leaks, lessons

urlpatterns = [
    path("campaigns/<int:pk>/leaks/", leaks.leaks, name="leaks"),
    path(
        "campaigns/<int:pk>/known-answers/", lessons.QualityUpload.as_view(), name="quality_upload"
    ),
    path(
        "campaigns/<int:pk>/known-answers/<slug:purpose>/remove/",
        lessons.quality_clear,
        name="quality_clear",
    ),
    path("work/item/<int:pk>/feedback/", lessons.feedback, name="feedback"),
    path("work/<int:campaign>/qualification/", lessons.qualification, name="qualification"),
]
