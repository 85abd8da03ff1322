"""Addresses of one's own tokens, under /account/tokens/."""

from django.urls import path

from api import views_tokens

app_name = "tokens"
urlpatterns = [
    path("", views_tokens.tokens, name="tokens"),
    path("<int:pk>/revoke/", views_tokens.token_revoke, name="token_revoke"),
]
