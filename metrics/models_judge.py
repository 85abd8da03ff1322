"""What a language model says of two outputs: kept apart from people's ratings, never among them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from annotation.models import Campaign
from models_app.models import Job, JobQuerySet, Segment, System


class JudgeRun(Job):
    """A registered system asked which of two systems' outputs is better, in both orders."""

    made_as = "judge.start"

    judge = models.ForeignKey(System, on_delete=models.CASCADE, related_name="judge_runs")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="judge_runs")
    system_a = models.ForeignKey(System, on_delete=models.CASCADE, related_name="+")
    system_b = models.ForeignKey(System, on_delete=models.CASCADE, related_name="+")
    prompt = models.TextField(help_text=_("the question, as it is put; texts are filled in"))

    objects = JobQuerySet.as_manager()

    class Meta(Job.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["judge", "campaign", "system_a", "system_b"], name="judge_run_once"
            ),
            models.CheckConstraint(
                condition=~Q(system_a=F("system_b")), name="judge_compares_two_systems"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.judge} on {self.system_a} and {self.system_b} of {self.campaign}"


class JudgeVerdict(models.Model):
    """One answer of the judge: a segment in one of the two orders."""

    class Verdict(models.TextChoices):
        A = "a", _("the first system")
        B = "b", _("the second system")
        TIE = "tie", _("a tie")
        NONE = "none", _("no verdict")

    run = models.ForeignKey(JudgeRun, on_delete=models.CASCADE, related_name="verdicts")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")
    swapped = models.BooleanField(help_text=_("whether system B's text was shown first"))
    verdict = models.CharField(max_length=4, choices=Verdict)
    answer = models.TextField(blank=True, help_text=_("what the judge wrote"))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "segment", "swapped"], name="judge_verdict_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.segment_id} {self.verdict}"
