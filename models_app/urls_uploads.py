"""Addresses of files that are checked and loaded by a worker."""

from django.urls import path

from models_app.views import upload_jobs

urlpatterns = [
    path("uploads/<int:pk>/", upload_jobs.upload, name="upload"),
    path("uploads/<int:pk>/confirm/", upload_jobs.upload_confirm, name="upload_confirm"),
    path("uploads/<int:pk>/cancel/", upload_jobs.upload_cancel, name="upload_cancel"),
    path("uploads/<int:pk>/resume/", upload_jobs.upload_resume, name="upload_resume"),
    path("uploads/<int:pk>/progress/", upload_jobs.upload_progress, name="upload_progress"),
]
