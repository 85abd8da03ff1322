"""Who sees a study: every admin, and the researcher who started it."""

from typing import Any

from django.db.models import QuerySet

from accounts.access import is_admin
from studies.models import Study


def visible_to(user: Any) -> QuerySet[Study]:
    return Study.objects.all() if is_admin(user) else Study.objects.filter(created_by=user)
