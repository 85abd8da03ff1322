"""Accounts of the three people."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.access import AUDITORS, RESEARCHERS
from accounts.audit import record
from annotation.models import Annotator, Campaign, Membership

GROUPS = {"researcher": RESEARCHERS, "auditor": AUDITORS}
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without look-alikes


def new_password() -> str:
    """Four groups of four, about 79 bits, easy to read aloud."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


@transaction.atomic
def create_account(*, username: str, role: str, password: str) -> Any:
    """A new account; role is annotator, researcher, auditor or admin."""
    user = get_user_model().objects.create_user(
        username=username, password=password, is_staff=role == "admin"
    )
    if role in GROUPS:
        user.groups.add(Group.objects.get_or_create(name=GROUPS[role])[0])
    record(None, "account.make", user, role=role)
    return user


@transaction.atomic
def add_member(*, campaign: Campaign, user: Any, role: str) -> Membership:
    """Give a person a role in a campaign; an annotator gets a code that tells nothing."""
    if role == Membership.Role.ANNOTATOR:
        annotator_of(user)
    return Membership.objects.get_or_create(campaign=campaign, user=user, role=role)[0]


def annotator_of(user: Any) -> Annotator:
    """The person as an annotator, under a random code that researchers and exports see."""
    if found := Annotator.objects.filter(user=user).first():
        return found
    while Annotator.objects.filter(scope="", code=(code := _code())).exists():
        continue
    return Annotator.objects.get_or_create(user=user, defaults={"code": code})[0]


def person_key(user: Any) -> str:
    """A name for this person's answers on their own device; it tells nobody who they are."""
    return salted_hmac("nikash.person", str(user.pk)).hexdigest()[:16]


def _code() -> str:
    return "A-" + "".join(secrets.choice(ALPHABET.upper()) for _ in range(4))
