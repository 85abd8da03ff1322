"""Addresses of sweeps."""

from django.urls import path

from models_app.views import sweeps

urlpatterns = [
    path("sweeps/", sweeps.sweep_list, name="sweep_list"),
    path("sweeps/start/", sweeps.sweep_start, name="sweep_start"),
    path("sweeps/<int:pk>/", sweeps.sweep_detail, name="sweep_detail"),
    path("sweeps/<int:pk>/trials.csv", sweeps.sweep_csv, name="sweep_csv"),
    path("sweeps/<int:pk>/cancel/", sweeps.sweep_cancel, name="sweep_cancel"),
    path("sweeps/<int:pk>/resume/", sweeps.sweep_resume, name="sweep_resume"),
    path("sweeps/<int:pk>/drop/", sweeps.sweep_drop, name="sweep_drop"),
    path("sweeps/<int:pk>/progress/", sweeps.sweep_progress, name="sweep_progress"),
]
