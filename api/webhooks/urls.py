"""Addresses of the page on which webhooks are made."""

from django.urls import path

from api.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.webhooks, name="list"),
    path("<int:pk>/try/", views.webhook_try, name="try"),
    path("<int:pk>/delete/", views.webhook_delete, name="delete"),
]
