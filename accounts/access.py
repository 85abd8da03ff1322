"""Doors of the whole site: admins are staff, researchers and auditors are in groups.

What a person may do in one campaign, their membership says: see Campaign.objects.visible_to.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied
from django.views.decorators.http import require_safe

RESEARCHERS = "researchers"
AUDITORS = "auditors"


def is_admin(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_staff)


def is_researcher(user: Any) -> bool:
    """Admins may do what researchers may."""
    return is_admin(user) or (
        user.is_authenticated and user.groups.filter(name=RESEARCHERS).exists()
    )


def is_auditor(user: Any) -> bool:
    """Whether they read every campaign and the whole audit log, and change nothing."""
    return bool(user.is_authenticated and user.groups.filter(name=AUDITORS).exists())


def reads_site(user: Any) -> bool:
    """Whether they may read what belongs to no campaign: datasets, corpora, models, runs."""
    return is_admin(user) or (
        user.is_authenticated and user.groups.filter(name__in=[RESEARCHERS, AUDITORS]).exists()
    )


def only(allowed: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """A decorator of views: 403 for whom `allowed` refuses, the login page for strangers."""

    def check(user: Any) -> bool:
        if user.is_authenticated and not allowed(user):
            raise PermissionDenied
        return bool(user.is_authenticated)

    return user_passes_test(check)


admin_required = only(is_admin)
researcher_required = only(is_researcher)


def site_reader_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """For a page that only shows what belongs to no campaign; 405 for all but GET and HEAD."""
    return require_safe(only(reads_site)(view))
