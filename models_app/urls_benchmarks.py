"""Addresses of benchmarks."""

from django.urls import path

from models_app.views import benchmarks

urlpatterns = [
    path("benchmarks/", benchmarks.benchmark_list, name="benchmark_list"),
    path("benchmarks/start/", benchmarks.benchmark_start, name="benchmark_start"),
    path("benchmarks/<int:pk>/", benchmarks.benchmark, name="benchmark"),
    path("benchmarks/<int:pk>/items/", benchmarks.benchmark_export, name="benchmark_export"),
    path("benchmarks/<int:pk>/cancel/", benchmarks.benchmark_cancel, name="benchmark_cancel"),
    path("benchmarks/<int:pk>/resume/", benchmarks.benchmark_resume, name="benchmark_resume"),
    path("benchmarks/<int:pk>/progress/", benchmarks.benchmark_progress, name="benchmark_progress"),
]
