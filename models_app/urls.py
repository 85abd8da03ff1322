"""Addresses of the models room."""

app_name = "models_app"
urlpatterns: list = []
