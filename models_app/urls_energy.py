"""Addresses of the green report."""

from django.urls import path

from models_app.views import energy

urlpatterns = [
    path("energy/", energy.energy_report, name="energy_report"),
    path("energy/table.csv", energy.energy_csv, name="energy_csv"),
    path("energy/<int:pk>/", energy.energy_record, name="energy_record"),
]
