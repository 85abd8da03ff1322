"""Addresses of the models room."""

from django.urls import path

from models_app import (
    urls_benchmarks,
    urls_corpora,
    urls_energy,
    urls_playground,
    urls_runs,
    urls_sweeps,
    urls_training,
    urls_uploads,
)
from models_app.views import datasets

app_name = "models_app"
urlpatterns = [
    path("datasets/", datasets.dataset_list, name="dataset_list"),
    path("datasets/load/", datasets.DatasetUpload.as_view(), name="dataset_upload"),
    path("datasets/<int:pk>/", datasets.dataset_detail, name="dataset_detail"),
    path("outputs/load/", datasets.OutputsUpload.as_view(), name="outputs_upload"),
    *urls_benchmarks.urlpatterns,
    *urls_corpora.urlpatterns,
    *urls_energy.urlpatterns,
    *urls_runs.urlpatterns,
    *urls_sweeps.urlpatterns,
    *urls_playground.page,
    *urls_training.urlpatterns,
    *urls_uploads.urlpatterns,
]
