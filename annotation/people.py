"""A signed-in person's roles, each asked of the database once, when first needed."""

from functools import cached_property
from typing import Any

from annotation.models import Membership
from models_app.access import is_admin, is_researcher


class Reader:
    def __init__(self, user: Any) -> None:
        self.user = user

    @cached_property
    def is_admin(self) -> bool:
        return is_admin(self.user)

    @cached_property
    def is_researcher(self) -> bool:
        return is_researcher(self.user)

    @cached_property
    def is_annotator(self) -> bool:
        return (
            self.user.is_authenticated
            and Membership.objects.annotating().filter(user=self.user).exists()
        )
