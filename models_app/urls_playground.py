"""Addresses of the playground's page, and of its API under /api/playground/."""

from django.urls import path

from models_app.views import playground, playground_api

app_name = "playground"
page = [
    path("playground/", playground.playground, name="playground"),
    path("playground/votes.csv", playground.playground_votes, name="playground_votes"),
]
urlpatterns = [
    path("", playground_api.collection, name="ask"),
    path("<int:pk>/", playground_api.detail, name="detail"),
    path("<int:pk>/vote/", playground_api.vote, name="vote"),
    path("<int:pk>/cancel/", playground_api.cancel, name="cancel"),
]
