"""Accounts, and the log of what they did."""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import AuditEntry
from annotation.accounts import create_account, new_password
from annotation.forms import PersonForm
from annotation.views.audit import Log
from api.asking import Moment, Number, Text
from api.endpoints import Routes
from api.people import Who
from api.rows import AnyObject, audited, body_of

routes = Routes("Site")
User = get_user_model()


class AccountSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The account's id.")
    username = serializers.CharField(help_text="The user name.")
    is_admin = serializers.BooleanField(source="is_staff", help_text="Whether an admin.")
    is_active = serializers.BooleanField(help_text="Whether they may sign in.")
    groups = serializers.SerializerMethodField(help_text="researchers, auditors.")

    def get_groups(self, user: Any) -> list[str]:
        return sorted(group.name for group in user.groups.all())


class NewAccountSerializer(AccountSerializer):
    password = serializers.CharField(help_text="Shown once.")


class AuditSerializer(serializers.ModelSerializer):
    details = AnyObject(help_text="What else there is to know.")

    class Meta:
        model = AuditEntry
        fields = (
            "id", "at", "actor_name", "action", "subject_kind", "subject_id", "subject_name",
            "campaign_id", "details", "request_id",
        )  # fmt: skip

    def to_representation(self, entry: AuditEntry) -> dict[str, Any]:
        """As the page says it to this person: auditors read signs in place of names."""
        told = _log(self.context["request"]).told(entry)
        return super().to_representation(entry) | told


@routes.get("accounts/", Who.ADMIN, gives=AccountSerializer, pages=True,
            parameters=(Text("username", "Only of this user name.", "username"),))  # fmt: skip
def list_accounts(request: Request) -> Any:
    """Who has an account."""
    return User.objects.prefetch_related("groups")


@routes.post("accounts/", Who.ADMIN, gives=NewAccountSerializer, status=201, has_secret=True,
             takes=body_of(PersonForm, "Account"))  # fmt: skip
@transaction.atomic
def make_account(request: Request, form: Any) -> Any:
    """Make an account; its first password is shown once."""
    password = new_password()
    user = create_account(password=password, **form.cleaned_data)
    audited(request, "account.make", user, role=form.cleaned_data["role"])
    user.password = password  # shown, never saved: what is stored is its hash
    return user


@routes.get("audit-log/", Who.PERSON, gives=AuditSerializer, pages=True, parameters=(
    Text("actor", "Only by this user name.", "actor_name"),
    Text("action", "Only this act, say campaign.open.", "action"),
    Number("campaign", "Only in this campaign.", "campaign_id"),
    Moment("since", "Only at this time or later.", "at__gte"),
))  # fmt: skip
def list_audit(request: Request) -> Any:
    """Who did what to whom, as far as one may read it."""
    log = _log(request)
    entries = log.entries().select_related("actor")
    return entries.filter(log.by_name()) if "actor" in request.asked else entries


def _log(request: Request) -> Log:
    if not hasattr(request, "_log"):
        request._log = Log(request.user, {})
    return request._log
