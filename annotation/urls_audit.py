"""Addresses of the audit log."""

from django.urls import path

from annotation.views import audit

urlpatterns = [
    path("audit/", audit.audit, name="audit"),
    path("audit/download/", audit.audit_csv, name="audit_csv"),
]
