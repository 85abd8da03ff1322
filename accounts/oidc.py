"""Accounts of an OpenID provider: authorization code flow with PKCE, state and nonce.

The provider is asked where its doors are (its .well-known document) when first needed; a process
keeps the answer. Who somebody is, issuer and subject say; a mail address proves nothing.
"""

import secrets
import time
from typing import Any
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.utils import (
    add_state_and_verifier_and_nonce_to_session,
    generate_code_challenge,
)

from accounts import audit
from accounts.access import AUDITORS, RESEARCHERS
from accounts.models_signing_in import OutsideIdentity
from accounts.names import NOT_IN_NAMES, check_new_name

ALGORITHMS = ("RS256", "ES256")
SECONDS = 10
STATE_SECONDS = 10 * 60
GROUPS = {"researcher": RESEARCHERS, "auditor": AUDITORS}
_doors: dict[str, dict[str, Any]] = {}

ProviderTrouble = (requests.RequestException, jwt.PyJWTError, SuspiciousOperation, KeyError)


def doors() -> dict[str, Any]:
    """The provider's own description. Raises RequestException or SuspiciousOperation."""
    issuer = settings.OIDC.issuer
    if issuer not in _doors:
        address = issuer.rstrip("/") + "/.well-known/openid-configuration"
        answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
        if found.get("issuer") != issuer:
            raise SuspiciousOperation("the provider calls itself another issuer than was set")
        _doors[issuer] = found
    return _doors[issuer]


def way_out(request: HttpRequest, onward: str) -> str:
    """The provider's address to send somebody to, who then goes on to `onward`."""
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    parameters = {
        "response_type": "code",
        "scope": settings.OIDC.scopes,
        "client_id": settings.OIDC.client,
        "redirect_uri": request.build_absolute_uri(reverse("oidc_back")),
        "state": state,
        "nonce": nonce,
        "code_challenge": generate_code_challenge(verifier, "S256"),
        "code_challenge_method": "S256",
    }
    door = doors()["authorization_endpoint"]
    add_state_and_verifier_and_nonce_to_session(request, state, parameters, verifier)
    request.session["oidc_states"][state]["onward"] = onward
    request.session.modified = True
    return f"{door}{'&' if '?' in door else '?'}{urlencode(parameters)}"


def kept_for(request: HttpRequest) -> dict[str, Any] | None:
    """What was kept under the state that came back; each works once and for ten minutes."""
    kept = request.session.get("oidc_states", {}).pop(request.GET.get("state", ""), None)
    request.session.modified = True
    if kept is None or time.time() - kept["added_on"] > STATE_SECONDS:
        return None
    return kept


class Backend(OIDCAuthenticationBackend):
    """mozilla-django-oidc's exchange of a code for claims, held to one provider's own words."""

    def __init__(self) -> None:
        door, site = doors(), settings.OIDC
        self.OIDC_OP_TOKEN_ENDPOINT = door["token_endpoint"]
        self.OIDC_OP_USER_ENDPOINT = door.get("userinfo_endpoint", "")
        self.OIDC_OP_JWKS_ENDPOINT = door["jwks_uri"]
        self.OIDC_RP_CLIENT_ID = site.client
        self.OIDC_RP_CLIENT_SECRET = site.secret
        self.OIDC_RP_IDP_SIGN_KEY = None
        offered = door.get("id_token_signing_alg_values_supported", ["RS256"])
        self.OIDC_RP_SIGN_ALGO = next((one for one in ALGORITHMS if one in offered), "RS256")

    @staticmethod
    def get_settings(attr: str, *args: Any) -> Any:
        chosen = {"OIDC_TIMEOUT": SECONDS, "OIDC_USE_NONCE": True}
        return chosen.get(attr, *args)

    def claims(self, request: HttpRequest, nonce: str, verifier: str) -> dict[str, Any]:
        """What the provider says of the person. Raises one of ProviderTrouble."""
        tokens = self.get_token(
            {
                "client_id": self.OIDC_RP_CLIENT_ID,
                "client_secret": self.OIDC_RP_CLIENT_SECRET,
                "grant_type": "authorization_code",
                "code": request.GET["code"],
                "redirect_uri": request.build_absolute_uri(reverse("oidc_back")),
                "code_verifier": verifier,
            }
        )
        claims: dict[str, Any] = self.verify_token(tokens["id_token"], nonce=nonce)
        if self.OIDC_OP_USER_ENDPOINT and tokens.get("access_token"):
            more = self.get_userinfo(tokens["access_token"], tokens["id_token"], claims)
            if more.get("sub") != claims["sub"]:
                raise SuspiciousOperation("the provider spoke of two people")
            claims = {**more, **claims}
        return claims

    def _verify_jws(self, payload: str, key: Any) -> dict[str, Any]:
        """Signature, issuer, audience and age; the library leaves the last three to its users."""
        claims: dict[str, Any] = jwt.decode(
            payload,
            key,
            algorithms=[self.OIDC_RP_SIGN_ALGO],
            audience=self.OIDC_RP_CLIENT_ID,
            issuer=settings.OIDC.issuer,
            leeway=30,
            options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
        )
        if claims.get("azp", self.OIDC_RP_CLIENT_ID) != self.OIDC_RP_CLIENT_ID:
            raise SuspiciousOperation("the token was made for another site")
        return claims


@transaction.atomic
def account_of(claims: dict[str, Any]) -> Any:
    """The account of this identity, made where there is none; None for one that is closed."""
    issuer, subject = settings.OIDC.issuer, str(claims["sub"])
    if len(subject) > 255:
        raise SuspiciousOperation("the provider's name for the person is too long")
    known = OutsideIdentity.objects.select_related("user").filter(issuer=issuer, subject=subject)
    if found := known.first():
        user = found.user
    else:
        user = get_user_model().objects.create_user(username=_free_name(claims))
        OutsideIdentity.objects.create(user=user, issuer=issuer, subject=subject)
        audit.record(None, "account.outside", user, issuer=issuer)
    if not user.is_active:
        return None
    if settings.OIDC.roles:
        _give_roles(user, claims)
    return user


def _give_roles(user: Any, claims: dict[str, Any]) -> None:
    """The provider's groups decide, at each sign-in; without NIKASH_OIDC_ROLES it has no say."""
    named = claims.get(settings.OIDC.groups_claim) or []
    groups = {named} if isinstance(named, str) else {str(one) for one in named}
    roles = {role for group, role in settings.OIDC.roles.items() if group in groups}
    held = set(user.groups.filter(name__in=GROUPS.values()).values_list("name", flat=True))
    wanted = {GROUPS[role] for role in roles & set(GROUPS)}
    if held == wanted and user.is_staff == ("admin" in roles):
        return
    user.groups.remove(*Group.objects.filter(name__in=held - wanted))
    user.groups.add(*(Group.objects.get_or_create(name=name)[0] for name in wanted - held))
    user.is_staff = "admin" in roles
    user.save(update_fields=["is_staff"])
    audit.record(None, "account.roles", user, roles=sorted(roles))


def _free_name(claims: dict[str, Any]) -> str:
    """A user name like the provider's, or the like with a number; never one that is taken.

    One that deceives is not taken over: the person is called person-, with a number.
    """
    said = str(claims.get("preferred_username") or claims.get("name") or "person")
    name = NOT_IN_NAMES.sub("", get_user_model().normalize_username(said))[:100] or "person"
    if _is_free(name):
        return name
    kept = name if get_user_model().objects.filter(username__iexact=name).exists() else "person"
    while not _is_free(other := f"{kept}-{secrets.randbelow(10**6)}"):
        continue
    return other


def _is_free(name: str) -> bool:
    if get_user_model().objects.filter(username__iexact=name).exists():
        return False
    try:
        check_new_name(name)
    except ValidationError:
        return False
    return True
