"""What was asked in the playground, what each system answered, and which answer a person chose."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from models_app.models.job import Job, JobQuerySet
from models_app.models.system import System

LETTERS = "ABCD"  # under which systems answer while their names are hidden


class PlaygroundQuerySet(JobQuerySet):
    def of(self, user: object) -> Self:
        return self.filter(created_by=user)


class PlaygroundRequest(Job):
    """One text for up to four systems; a chat's next turn `follows` the one before."""

    class Mode(models.TextChoices):
        PROMPT = "prompt", _("prompt")
        CHAT = "chat", _("chat")
        TRANSLATE = "translate", _("translate")
        STACKED = "stacked", _("answer, then translate")

    mode = models.CharField(max_length=10, choices=Mode, default=Mode.PROMPT)
    text = models.TextField()
    raw = models.BooleanField(default=False, help_text=_("without the systems' own prompts"))
    source_lang = models.CharField(max_length=20, blank=True)
    target_lang = models.CharField(max_length=20, blank=True)
    translator = models.ForeignKey(
        System, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    decoding = models.JSONField(default=dict, help_text=_("over the systems' own settings"))
    blind = models.BooleanField(default=False)
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followers"
    )

    objects = PlaygroundQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["created_by"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_open_playground_request_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()}: {self.text[:40]}"


class PlaygroundAnswer(models.Model):
    """One system's answer as far as it is; `place` is where it is shown."""

    request = models.ForeignKey(PlaygroundRequest, on_delete=models.CASCADE, related_name="answers")
    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()
    prompt = models.TextField(blank=True, help_text=_("what the model was given"))
    text = models.TextField(blank=True)
    translation = models.TextField(blank=True, help_text=_("of the answer, in stacked mode"))
    n_tokens = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    finish_reason = models.CharField(max_length=20, blank=True, help_text="stop, length or time")
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["request", "place"], name="one_answer_per_place"),
            models.UniqueConstraint(fields=["request", "system"], name="one_answer_per_system"),
        ]

    def __str__(self) -> str:
        return f"{self.letter}: {self.text[:40]}"

    @property
    def letter(self) -> str:
        return LETTERS[self.place]


class PlaygroundVote(models.Model):
    """Which answer a person chose before the names were shown; kept apart from campaigns."""

    class Verdict(models.TextChoices):
        BEST = "best", _("this one is best")
        TIE = "tie", _("equally good")
        BOTH_BAD = "both_bad", _("all bad")

    request = models.OneToOneField(PlaygroundRequest, on_delete=models.CASCADE, related_name="vote")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    verdict = models.CharField(max_length=10, choices=Verdict)
    best = models.ForeignKey(
        PlaygroundAnswer, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    note = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict="best", best__isnull=False)
                | models.Q(verdict__in=["tie", "both_bad"], best__isnull=True),
                name="playground_vote_names_the_best",
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.verdict}"
