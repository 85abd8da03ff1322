"""What the surroundings say about getting in: sign-in, sessions, mail, another site's accounts."""

import os
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import environment

ROLES = ("annotator", "researcher", "auditor", "admin")
MAIL = "smtp://user:password@mail.example.org:587?tls=1"


class Provider(NamedTuple):
    """A site of an OpenID provider; `roles` gives the role of each of its groups."""

    issuer: str
    client: str
    secret: str
    name: str
    scopes: str
    groups_claim: str
    roles: dict[str, str]


def number(name: str, default: int, *, least: int, most: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ImproperlyConfigured(
            f"{name} is {text!r}; write a whole number from {least} to {most}, say {default}."
        )
    return int(text)


def mail() -> dict[str, Any]:
    """Django's settings of NIKASH_EMAIL_URL; nothing where it is not set: no mail is sent."""
    url = os.environ.get("NIKASH_EMAIL_URL", "").strip()
    if not url:
        return {}
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or port == -1:
        raise ImproperlyConfigured(f"NIKASH_EMAIL_URL cannot be read; write {MAIL} or smtps://….")
    options = dict(parse_qsl(parts.query))
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if secure else 587 if options.get("tls") == "1" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        "EMAIL_USE_TLS": not secure and options.get("tls") == "1",
        "EMAIL_TIMEOUT": 20,
    }


def provider() -> Provider | None:
    """The OpenID provider of NIKASH_OIDC_ISSUER; None where it is not set."""
    issuer = os.environ.get("NIKASH_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"NIKASH_OIDC_ISSUER is {issuer!r}; write the provider's address, "
            "say https://login.example.org/realms/uni."
        )
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ImproperlyConfigured("NIKASH_OIDC_ISSUER must begin with https://.")
    client = os.environ.get("NIKASH_OIDC_CLIENT_ID", "").strip()
    secret = os.environ.get("NIKASH_OIDC_CLIENT_SECRET", "").strip()
    if not client or not secret:
        raise ImproperlyConfigured(
            "NIKASH_OIDC_ISSUER is set; set NIKASH_OIDC_CLIENT_ID and "
            "NIKASH_OIDC_CLIENT_SECRET to what the provider gave you, too."
        )
    _check_library()
    return Provider(
        issuer=issuer,
        client=client,
        secret=secret,
        name=os.environ.get("NIKASH_OIDC_NAME", "").strip() or str(parts.hostname),
        scopes=os.environ.get("NIKASH_OIDC_SCOPES", "").strip() or "openid profile email",
        groups_claim=os.environ.get("NIKASH_OIDC_GROUPS", "").strip() or "groups",
        roles=_roles(),
    )


def _check_library() -> None:
    from importlib.util import find_spec

    if find_spec("mozilla_django_oidc") is None:
        raise ImproperlyConfigured(
            "NIKASH_OIDC_ISSUER is set, but mozilla-django-oidc is not installed; run "
            "`.venv/bin/pip install 'mozilla-django-oidc>=5,<6'` (the extra `oidc`)."
        )


def _roles() -> dict[str, str]:
    roles = {}
    for pair in environment.words("NIKASH_OIDC_ROLES"):
        group, equals, role = pair.rpartition("=")
        if not equals or not group or role not in ROLES:
            raise ImproperlyConfigured(
                f"NIKASH_OIDC_ROLES has {pair!r}; write group=role with a role of "
                f"{', '.join(ROLES)}, say linguists=researcher."
            )
        roles[group] = role
    return roles
