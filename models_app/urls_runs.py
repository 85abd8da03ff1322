"""Addresses of systems and runs."""

from django.urls import path

from models_app.views import remote_code, runs, systems

urlpatterns = [
    path("systems/", systems.system_list, name="system_list"),
    path("systems/new/", systems.system_new, name="system_new"),
    path("systems/<int:pk>/", systems.system_detail, name="system_detail"),
    path("checkpoints/", systems.checkpoint_list, name="checkpoint_list"),
    path("checkpoints/<int:pk>/code/", remote_code.checkpoint_code, name="checkpoint_code"),
    path("checkpoints/new/", systems.checkpoint_new, name="checkpoint_new"),
    path("adapters/new/", systems.adapter_new, name="adapter_new"),
    path("runs/", runs.run_list, name="run_list"),
    path("runs/start/", runs.run_start, name="run_start"),
    path("runs/<int:pk>/", runs.run_detail, name="run_detail"),
    path("runs/<int:pk>/cancel/", runs.run_cancel, name="run_cancel"),
    path("runs/<int:pk>/resume/", runs.run_resume, name="run_resume"),
    path("runs/<int:pk>/progress/", runs.run_progress, name="run_progress"),
]
