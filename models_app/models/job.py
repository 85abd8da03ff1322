"""Long work as a row: its state, who holds it, how far it is, and why it failed.

The row is the truth, the broker only a doorbell: a task claims its row with one conditional UPDATE
and renews a lease while it works; a row whose lease ran out is queued again. This makes the
embedded broker, Redis and RabbitMQ equally safe against a killed worker.
"""

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.recorded import Recorded

LONGEST_SILENCE = 300.0  # seconds between two rings of the bell for a job that waits


def from_now(seconds: float) -> Any:
    """A moment by the database's clock, which all workers share whatever their own say."""
    return Now() + timedelta(seconds=seconds)


class JobQuerySet(models.QuerySet):
    def unfinished(self) -> Self:
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])

    def claim(self, pk: int, holder: str) -> bool:
        """Take the job if it waits or its holder is gone; False when somebody else has it."""
        free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=Now())
        return bool(
            self.filter(free, pk=pk).update(
                state=Job.State.RUNNING,
                holder=holder,
                lease_until=from_now(settings.JOB_LEASE_SECONDS),
                tries=F("tries") + 1,
                started_at=timezone.now(),
                error="",
            )
        )

    def stale(self) -> Self:
        """Running, but nobody renews the lease; one too far ahead dates from a wrong clock."""
        wrong = Q(lease_until__gt=from_now(4 * settings.JOB_LEASE_SECONDS))
        gone = Q(lease_until__lt=Now()) | Q(lease_until=None) | wrong
        return self.filter(gone, state=Job.State.RUNNING)

    def unheard(self) -> Self:
        """Waiting for so long that their message may be lost.

        For a job that waits, lease_until is when the bell is rung again; empty before the first
        time.
        """
        patience = 4 * settings.JOB_LEASE_SECONDS
        first = Q(queued_at__lt=from_now(-patience)) | Q(queued_at__gt=from_now(patience))
        wrong = Q(lease_until__gt=from_now(2 * LONGEST_SILENCE))
        due = Q(lease_until__lt=Now()) | wrong | (Q(lease_until=None) & first)
        return self.filter(due, state=Job.State.QUEUED)

    def lost(self) -> Self:
        """Jobs whose worker is gone, and jobs that waited long: their message may be lost."""
        return self.stale() | self.unheard()


class Job(Recorded):
    """What every long piece of work has; concrete jobs add what they work on."""

    MAX_TRIES = 5
    in_one_transaction: ClassVar[bool] = False  # all its work, from beginning to end

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED, db_index=True)
    n_done = models.PositiveIntegerField(default=0)
    n_total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    error = models.TextField(blank=True, help_text=_("one sentence: why it failed"))
    cancel_requested = models.BooleanField(default=False)
    holder = models.CharField(max_length=200, blank=True, help_text=_("worker that has it now"))
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    environment = models.JSONField(default=dict, help_text=_("library versions, settings, hashes"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-pk"]

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    def as_progress(self) -> dict[str, object]:
        """What a progress bar asks for."""
        return {
            "state": self.state,
            "label": str(self.get_state_display()),
            "n_done": self.n_done,
            "n_total": self.n_total,
            "message": self.message,
            "error": self.error,
            "finished": self.is_finished,
        }
