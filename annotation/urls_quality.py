"""Addresses of quality control: leaks, lessons, known answers."""

from django.urls import path

from annotation.views import leaks

urlpatterns = [
    path("campaigns/<int:pk>/leaks/", leaks.leaks, name="leaks"),
]
