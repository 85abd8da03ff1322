"""Doors: admins are staff, researchers are in the group `researchers`; both see datasets."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import user_passes_test
from django.core.exceptions import PermissionDenied

RESEARCHERS = "researchers"


def is_admin(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_staff)


def is_researcher(user: Any) -> bool:
    """Admins may do what researchers may."""
    return is_admin(user) or (
        user.is_authenticated and user.groups.filter(name=RESEARCHERS).exists()
    )


def _only(allowed: Callable[[Any], bool]):
    def check(user: Any) -> bool:
        if user.is_authenticated and not allowed(user):
            raise PermissionDenied
        return bool(user.is_authenticated)

    return user_passes_test(check)


admin_required = _only(is_admin)
researcher_required = _only(is_researcher)
