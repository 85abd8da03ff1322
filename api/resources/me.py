"""Oneself: who one is here, and the tokens one has."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from accounts.access import is_admin, is_researcher
from api.endpoints import Routes
from api.errors import request_id_of
from api.models import Token
from api.people import Who
from api.tokens import revoke_token

routes = Routes("Oneself")


class MeSerializer(serializers.Serializer):
    username = serializers.CharField(help_text="The user name.")
    is_researcher = serializers.BooleanField(help_text="Whether campaigns may be made.")
    is_admin = serializers.BooleanField(help_text="Whether everything may be done.")
    scope = serializers.ChoiceField(
        choices=["read", "write"], help_text="What this request's key may do."
    )


class TokenSerializer(serializers.ModelSerializer):
    class Meta:
        model = Token
        fields = (
            "id", "name", "start", "scope", "created_at", "expires_at", "revoked_at",
            "last_used_at",
        )  # fmt: skip


@routes.get("me/", Who.PERSON, gives=MeSerializer)
def me(request: Request) -> dict[str, Any]:
    """Who this token or session belongs to."""
    scope = request.auth.scope if isinstance(request.auth, Token) else Token.Scope.WRITE
    return {
        "username": request.user.get_username(),
        "is_researcher": is_researcher(request.user),
        "is_admin": is_admin(request.user),
        "scope": scope,
    }


@routes.get("me/tokens/", Who.PERSON, gives=TokenSerializer, pages=True)
def list_tokens(request: Request) -> Any:
    """One's own tokens, without their secrets."""
    return Token.objects.filter(user=request.user)


@routes.delete("me/tokens/<id:token>/", Who.PERSON)
def delete_token(request: Request, token: int) -> None:
    """Revoke one of one's own tokens; tokens are made on the page /account/tokens/."""
    found = get_object_or_404(Token, user=request.user, pk=token)
    revoke_token(found, by=request.user, request_id=request_id_of(request))
