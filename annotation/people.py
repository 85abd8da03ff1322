"""A signed-in person's roles, asked of the database together, when first needed."""

from functools import cached_property
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef

from accounts.access import AUDITORS, RESEARCHERS, is_admin
from annotation.models import Membership
from annotation.models.campaign import CHANGING, READING


class Roles(NamedTuple):
    """Of the site: researcher, auditor. Of any campaign: annotates, reads, changes."""

    is_researcher: bool = False
    is_auditor: bool = False
    annotates: bool = False
    reads: bool = False
    changes: bool = False


class Reader:
    def __init__(self, user: Any) -> None:
        self.user = user

    @cached_property
    def is_admin(self) -> bool:
        return is_admin(self.user)

    @property
    def is_researcher(self) -> bool:
        return self.is_admin or self._roles.is_researcher

    @property
    def is_annotator(self) -> bool:
        return self._roles.annotates

    @property
    def reads_site(self) -> bool:
        """Whether they read what belongs to no campaign."""
        return self.is_researcher or self._roles.is_auditor

    @property
    def reads_campaigns(self) -> bool:
        return self.reads_site or self._roles.reads

    @property
    def may_score(self) -> bool:
        return self.is_researcher or self._roles.changes

    @cached_property
    def _roles(self) -> Roles:
        if not self.user.is_authenticated:
            return Roles()
        people = get_user_model().objects.filter(pk=self.user.pk)
        own = people.filter(pk=OuterRef("pk"))
        roles = Membership.objects.filter(user=OuterRef("pk"))
        asked = Roles(
            Exists(own.filter(groups__name=RESEARCHERS)),
            Exists(own.filter(groups__name=AUDITORS)),
            Exists(roles.annotating()),
            Exists(roles.filter(role__in=READING)),
            Exists(roles.filter(role__in=CHANGING)),
        )
        return Roles(*people.values_list(*asked).get())
