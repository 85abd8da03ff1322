"""Addresses of the measuring room."""

app_name = "metrics"
urlpatterns: list = []
