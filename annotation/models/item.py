"""What is shown at once, and to whom it is leased."""

from typing import Self

from django.db import models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.prepared import Prepared
from annotation.models.campaign import Campaign
from annotation.models.people import Annotator
from models_app.models import Output, Segment


class ItemQuerySet(models.QuerySet):
    def judged(self) -> Self:
        """Items whose ratings count in results; the others control, train or test annotators."""
        return self.filter(purpose=Item.Purpose.JUDGE)

    def with_wanted(self) -> Self:
        """Each with `wanted`, the annotators it should have."""
        return self.annotate(wanted=Coalesce("n_wanted", "campaign__raters_per_item"))

    def wanting(self) -> Self:
        """Items to be judged that have fewer annotators than they should."""
        return self.judged().with_wanted().filter(needs_rating=True, n_taken__lt=F("wanted"))

    def with_texts(self) -> Self:
        """Each with its slots, their outputs and systems: one query more, however many there are.

        SQLite refuses Django's own prefetching of a thousand outputs by their keys.
        """
        slots = ItemOutput.objects.select_related("output__system")
        return self.prefetch_related(Prefetch("slots", slots))

    def lacking_usual(self, campaign: Campaign) -> Self:
        """Of this campaign, those that should have as many as usual, and lack some."""
        items = self.judged().filter(campaign=campaign, needs_rating=True, n_wanted__isnull=True)
        return items.filter(n_taken__lt=campaign.raters_per_item)

    def lacking_called(self) -> Self:
        """Those that should have a number of their own, and lack some."""
        return self.judged().filter(needs_rating=True, n_taken__lt=F("n_wanted"))


class Item(models.Model):
    """One segment with one or more outputs.

    `block` groups the items that one annotator should judge together: all outputs of a segment,
    so that a strict rater is strict with every system alike. Items of any other purpose than
    `judge` are there to watch or to teach annotators; no result counts them.
    """

    class Purpose(models.TextChoices):
        JUDGE = "judge", _("judged")
        KNOWN = "known", _("control: known answer")
        REPEAT = "repeat", _("control: shown again")
        DAMAGED = "damaged", _("control: damaged output")
        TRAINING = "training", _("training")
        QUALIFICATION = "qualification", _("qualification")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="items")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="items")
    outputs = models.ManyToManyField(Output, through="ItemOutput", related_name="items")
    position = models.PositiveIntegerField(help_text=_("seeded order in the campaign"))
    block = models.PositiveIntegerField()
    n_taken = models.PositiveIntegerField(
        default=0, help_text=_("annotators who hold or have judged it")
    )
    n_wanted = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text=_("annotators it should have; empty: as many as the campaign says"),
    )
    needs_rating = models.BooleanField(
        default=True,
        help_text=_("false where there is nothing to compare: identical outputs"),
    )

    purpose = models.CharField(max_length=15, choices=Purpose, default=Purpose.JUDGE)
    origin = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="controls",
        help_text=_("the item that a control repeats or damages"),
    )
    expected = models.JSONField(
        default=dict, blank=True, help_text=_("known answer, tolerance, damage, feedback")
    )

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["campaign", "position"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "position"], name="item_position_once"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "purpose", "-n_taken", "block"],
                condition=Q(needs_rating=True, n_wanted__isnull=True),
                name="item_lacking_usual",
            ),
            models.Index(
                fields=["campaign", "purpose", "-n_taken", "block"],
                condition=Q(needs_rating=True, n_taken__lt=F("n_wanted")),
                name="item_lacking_called",
            ),
            models.Index(fields=["campaign", "block"], name="item_block"),
            models.Index(fields=["campaign", "purpose", "needs_rating"], name="item_counted"),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"

    @cached_property
    def shown_slots(self) -> list["ItemOutput"]:
        """The slots in canonical order with their outputs; one query for each object."""
        return _SLOTS.all(self.pk)


class ItemOutput(models.Model):
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="slots")
    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="slots")
    slot = models.PositiveSmallIntegerField(help_text=_("canonical order, never the order shown"))
    changed_text = models.TextField(
        null=True, blank=True, help_text=_("shown instead of the output's own: a control's damage")
    )

    class Meta:
        ordering = ["item", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["item", "slot"], name="item_slot_once"),
            models.UniqueConstraint(fields=["item", "output"], name="item_output_once"),
        ]

    @property
    def text(self) -> str:
        """What an annotator sees in this slot."""
        return self.output.text if self.changed_text is None else self.changed_text


_SLOTS = Prepared(
    lambda item: ItemOutput.objects.filter(item=item).select_related("output").order_by("slot"), 1
)


class AssignmentQuerySet(models.QuerySet):
    def open_for(self, user) -> Self:
        """Work this person holds now in campaigns that are open, in order."""
        return self.filter(
            annotator__user=user,
            state=Assignment.State.OPEN,
            item__campaign__state="open",
        ).order_by("position")

    def with_item(self) -> Self:
        """Each with all that its page shows, but for the outputs; one query."""
        unseen = ("plan", "dataset__description", "dataset__origin")
        return self.select_related("item__campaign__dataset", "item__segment", "annotator").defer(
            *(f"item__campaign__{name}" for name in unseen),
            "item__segment__references",
            "item__segment__extra",
            "item__expected",
        )

    def overdue(self) -> Self:
        return self.filter(state=Assignment.State.OPEN, lease_until__lt=timezone.now())


class Assignment(models.Model):
    """An item leased to an annotator, with the order in which its outputs are shown."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        EXPIRED = "expired", _("expired")

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="assignments")
    annotator = models.ForeignKey(Annotator, on_delete=models.CASCADE, related_name="assignments")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    position = models.PositiveIntegerField(help_text=_("order in this annotator's own sequence"))
    order = models.JSONField(default=list, help_text=_("slots in the order shown, say [1, 0]"))
    lease_until = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "annotator"], name="item_once_per_annotator"),
        ]
        indexes = [
            models.Index(fields=["annotator", "state", "position"], name="assignment_next"),
            models.Index(
                fields=["lease_until"],
                condition=Q(state="open"),
                name="assignment_overdue",
            ),
        ]
