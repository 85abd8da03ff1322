"""Who asks: the bearer of a personal token, or the person of the session."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from api.models import Token
from api.tokens import token_of

KEYWORD = "bearer"


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer nik_...`; a token that opens nothing is refused, not ignored."""

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        parts = authentication.get_authorization_header(request).split()
        if not parts or parts[0].lower() != KEYWORD.encode():
            return None
        token = token_of(parts[1].decode("latin-1")) if len(parts) == 2 else None
        if token is None:
            raise exceptions.AuthenticationFailed(
                _("This token is unknown, revoked or past its end; make one on the page Tokens.")
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="nikash"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The page's own sign-in; what changes something needs the CSRF token, too."""


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token, made on the page /account/tokens/.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = SessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "The cookie of a signed-in browser; requests that change something "
            f"also send the cookie {settings.CSRF_COOKIE_NAME}'s value as X-CSRFToken.",
        }
