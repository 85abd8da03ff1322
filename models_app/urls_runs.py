"""Addresses of systems and runs."""

urlpatterns: list = []
