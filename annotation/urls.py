"""Addresses of the annotators' room and of campaigns."""

app_name = "annotation"
urlpatterns: list = []
