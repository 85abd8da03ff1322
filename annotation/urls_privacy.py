"""Addresses of what the site holds of a person."""

from django.urls import path

from annotation.views import privacy

urlpatterns = [
    path("my-data/", privacy.my_data, name="my_data"),
    path("my-data/file/", privacy.my_data_file, name="my_data_file"),
    path("people/<int:pk>/erase/", privacy.person_erase, name="person_erase"),
]
