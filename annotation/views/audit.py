"""The audit log: who did what, for admins, for auditors and for those who manage a campaign."""

import io
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import is_admin, is_auditor, only
from accounts.audit import record
from accounts.models import AuditEntry
from annotation.access import reads_campaigns
from annotation.accounts import person_key
from annotation.models import Campaign
from common.tables import write_csv

A_PAGE = 50
MOST_IN_FILE = 100_000
COLUMNS = ("at", "actor", "action", "kind", "id", "subject", "campaign", "details", "request")
# What may be named to auditors: no account is called after in these.
THINGS = frozenset(
    [
        "adapter",
        "benchmarkrun",
        "campaign",
        "checkpoint",
        "claim",
        "corpus",
        "corpusreport",
        "corpustranslation",
        "dataset",
        "generationrun",
        "guideline",
        "judgerun",
        "package",
        "reportrun",
        "scoringrun",
        "slice",
        "study",
        "sweep",
        "system",
        "trainingrun",
    ]
)


class Log:
    """The entries that one person may read, as far as asked for, with names or without."""

    def __init__(self, user: Any, asked: Any) -> None:
        self.user = user
        self.sees_all = is_admin(user) or is_auditor(user)
        self.campaigns = dict(Campaign.objects.visible_to(user).values_list("pk", "name"))
        managed = Campaign.objects.manageable_by(user).values_list("pk", flat=True)
        self.named = set(self.campaigns) if is_admin(user) else set(managed)
        self.asked = {
            name: asked.get(name, "").replace("\0", "").strip()[:200]
            for name in ("campaign", "actor", "action", "day")
        }

    def entries(self) -> QuerySet[AuditEntry]:
        """Newest first; an actor can only be asked for where names are shown."""
        found = AuditEntry.objects.all()
        if not self.sees_all:
            found = found.filter(campaign_id__in=self.campaigns)
        campaign, day = self.asked["campaign"], _day(self.asked["day"])
        if campaign:
            found = found.filter(campaign_id=int(campaign) if campaign.isdecimal() else -1)
        if self.asked["actor"]:
            found = found.filter(actor_name=self.asked["actor"]).filter(self.by_name())
        if self.asked["action"]:
            found = found.filter(action=self.asked["action"])
        return found.filter(at__date=day) if day else found

    def by_name(self) -> Q:
        """Which entries tell their actor's name."""
        return Q() if is_admin(self.user) else Q(campaign_id__in=self.named)

    def told(self, entry: AuditEntry) -> dict[str, Any]:
        """Actor, subject and details of an entry, as far as this person may know them."""
        by_name = is_admin(self.user) or entry.campaign_id in self.named
        is_told = by_name or entry.subject_kind in THINGS
        return {
            "actor_name": _actor(entry, by_name=by_name),
            "subject_name": entry.subject_name if is_told else "",
            "details": entry.details if is_told or entry.campaign_id else {},
        }

    def row(self, entry: AuditEntry) -> dict[str, Any]:
        """What the page and the file say of an entry."""
        told = self.told(entry)
        details = ", ".join(f"{name}: {value}" for name, value in told["details"].items())
        return {
            "at": timezone.localtime(entry.at),
            "actor": told["actor_name"],
            "action": entry.action,
            "kind": entry.subject_kind,
            "id": entry.subject_id,
            "subject": told["subject_name"],
            "campaign": self.campaigns.get(entry.campaign_id, entry.campaign_id or ""),
            "details": details,
            "request": entry.request_id,
        }


def _actor(entry: AuditEntry, *, by_name: bool) -> str:
    """A name, or for auditors one that stays the same and tells nobody who it is."""
    if not entry.actor_name:
        return _("the site")
    if by_name:
        return entry.actor_name
    return f"P-{person_key(entry.actor)[:8]}" if entry.actor_id else _("somebody who has left")


def _day(asked: str) -> date | None:
    try:
        return parse_date(asked)
    except ValueError:
        return None


@never_cache
@require_safe
@only(reads_campaigns)
def audit(request: HttpRequest) -> HttpResponse:
    """Six queries at most beside the menu's, however long the log is."""
    log = Log(request.user, request.GET)
    entries = log.entries().select_related("actor")
    page = Paginator(entries, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [log.row(entry) for entry in page],
        "asked": log.asked,
        "campaigns": sorted(log.campaigns.items(), key=lambda one: one[1]),
        "actions": _actions(log),
        "by_name": bool(log.named) or is_admin(request.user),
        "query": request.GET.urlencode(),
    }
    return render(request, "annotation/audit.html", context)


def _actions(log: Log) -> list[str]:
    entries = AuditEntry.objects.all()
    if not log.sees_all:
        entries = entries.filter(campaign_id__in=log.campaigns)
    return list(entries.order_by("action").values_list("action", flat=True).distinct())


@never_cache
@require_safe
@only(reads_campaigns)
def audit_csv(request: HttpRequest) -> HttpResponse:
    """The entries asked for, newest first; no cell is taken for a formula."""
    log = Log(request.user, request.GET)
    record(request.user, "audit.export")
    entries = log.entries().select_related("actor")[:MOST_IN_FILE]
    file = io.StringIO()
    rows = (log.row(entry) for entry in entries.iterator(2000))
    write_csv(file, COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return HttpResponse(file.getvalue(), "text/csv; charset=utf-8", headers=headers)
