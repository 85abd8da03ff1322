"""Who may use an endpoint at all; what they find there is decided in the look-up."""

from enum import Enum

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.access import is_admin, is_researcher, reads_site
from accounts.two_factor import is_satisfied
from api.models import Token

READING = ("GET", "HEAD", "OPTIONS")


class Who(Enum):
    ANYBODY = "anybody"
    PERSON = "everybody who is signed in"
    SITE_READER = "researchers, auditors and admins"
    RESEARCHER = "researchers and admins"
    ADMIN = "admins"


def check_who(request: Request, who: Who) -> None:
    """Raise NotAuthenticated (401) or PermissionDenied (403, with a sentence)."""
    if who is Who.ANYBODY:
        return
    if not request.user.is_authenticated:
        raise NotAuthenticated(
            _("Sign in first: send Authorization: Bearer and a token, or the session's cookie.")
        )
    if isinstance(request.auth, Token):
        _check_scope(request, request.auth)
    if not is_satisfied(request):
        raise PermissionDenied(_("Your account asks for a second step; set it up and sign in."))
    allowed = {
        Who.PERSON: lambda user: True,
        Who.SITE_READER: reads_site,
        Who.RESEARCHER: is_researcher,
        Who.ADMIN: is_admin,
    }[who]
    if not allowed(request.user):
        raise PermissionDenied(_("This is for %(who)s.") % {"who": who.value})


def _check_scope(request: Request, token: Token) -> None:
    if token.scope != Token.Scope.WRITE and request.method not in READING:
        raise PermissionDenied(
            _("This token only reads; make one that may write on the page Tokens.")
        )
