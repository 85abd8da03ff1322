"""Who sees a study: every admin and site auditor, and the researcher who started it."""

from typing import Any

from django.db.models import QuerySet

from accounts.access import is_admin, is_auditor
from studies.models import Study


def visible_to(user: Any) -> QuerySet[Study]:
    sees_all = is_admin(user) or is_auditor(user)
    return Study.objects.all() if sees_all else Study.objects.filter(created_by=user)
