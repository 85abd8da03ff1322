"""A signed-in person's roles, asked of the database together, when first needed."""

from functools import cached_property
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from accounts.access import RESEARCHERS, is_admin
from annotation.models import Membership


class Reader:
    def __init__(self, user: Any) -> None:
        self.user = user

    @cached_property
    def is_admin(self) -> bool:
        return is_admin(self.user)

    @property
    def is_researcher(self) -> bool:
        return self.is_admin or self._roles[0]

    @property
    def is_annotator(self) -> bool:
        return self._roles[1]

    @cached_property
    def _roles(self) -> tuple[bool, bool]:
        """Whether they are in the researchers' group, and whether they annotate anywhere."""
        if not self.user.is_authenticated:
            return False, False
        people = get_user_model().objects.filter(pk=self.user.pk)
        researchers = people.filter(pk=OuterRef("pk"), groups__name=RESEARCHERS)
        annotating = Membership.objects.annotating().filter(user=OuterRef("pk"))
        return people.values_list(Exists(researchers), Exists(annotating)).get()
