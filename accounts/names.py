"""What a new account may be called: no name that deceives who reads it."""

from typing import Any

import regex
from django.contrib.auth import get_user_model
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.look_alikes import has_unknown_script, looks, mixed_scripts
from common.text import code_of, unseen

# Marks are part of Devanagari's words; Django's own pattern knows none.
NOT_IN_NAMES = regex.compile(r"[^\p{L}\p{M}\p{N}@.+_-]")


def check_new_name(name: str) -> None:
    """Raise ValidationError, saying what to write, for a name that a new account may not have.

    One that is taken letter for letter is left to who asks the database for it.
    """
    if hidden := unseen(name):
        told = _("The name has a character that nobody sees (%(code)s); write it without.")
        raise ValidationError(told, params={"code": code_of(name[hidden[0]])})
    if not name or NOT_IN_NAMES.search(name) or has_unknown_script(name):
        raise ValidationError(_("Write letters, digits and @ . + - _ only."))
    if scripts := mixed_scripts(name):
        told = _("A word of this name mixes %(scripts)s letters; write each word in one script.")
        raise ValidationError(told, params={"scripts": ", ".join(scripts)})
    if _looks_like_another(name):
        raise ValidationError(_("This name looks like one that is taken; choose another."))


def hold_names() -> None:
    """Have every form and command that makes an account check its name so."""
    field: Any = get_user_model()._meta.get_field("username")
    others = [one for one in field.validators if not isinstance(one, UnicodeUsernameValidator)]
    field.validators = [*others, check_new_name]


def _looks_like_another(name: str) -> bool:
    wanted = looks(name)
    others = get_user_model().objects.exclude(username=name).values_list("username", flat=True)
    return any(wanted & looks(other) for other in others)
