"""Around training and qualification: the feedback after an answer, the result, and loading both."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation.accounts import annotator_of
from annotation.control_settings import needs_qualification
from annotation.expectations import explanation_of, given_by, is_known, is_right
from annotation.lesson_words import expected_words, given_words
from annotation.lessons import standing_of
from annotation.models import Assignment, Campaign, Item, Rating
from annotation.quality_loading import PURPOSES, clear_quality, load_quality
from annotation.views.item import outputs_shown
from common.errors import BadInput, NikashError
from common.tables import Table
from models_app.loading.common import Loaded
from models_app.views.upload import UploadForm, UploadView, silent


@never_cache
@require_safe
def feedback(request: HttpRequest, pk: int) -> HttpResponse:
    """What was expected of a training item, beside what this annotator answered."""
    assignments = Assignment.objects.select_related("item__campaign", "item__segment__dataset")
    assignment = get_object_or_404(
        assignments,
        pk=pk,
        annotator__user=request.user,
        item__purpose=Item.Purpose.TRAINING,
        item__campaign__memberships__user=request.user,
        item__campaign__memberships__role="annotator",
    )
    item = assignment.item
    rating = Rating.objects.filter(
        item=item, annotator=assignment.annotator, is_complete=True
    ).first()
    if rating is None:
        raise Http404
    protocol = item.campaign.protocol_object
    outputs = outputs_shown(assignment, protocol.compares)
    given = given_by(protocol, rating.answer, item.slots.count())
    context = {
        "assignment": assignment,
        "campaign": item.campaign,
        "segment": item.segment,
        "dataset": item.segment.dataset,
        "outputs": outputs,
        "is_known": is_known(item.expected),
        "is_right": is_right(item.expected, given),
        "expected": expected_words(protocol, item.expected, assignment.order),
        "given": given_words(protocol, given, item.expected, assignment.order),
        "explanation": explanation_of(item.expected, get_language() or "en"),
    }
    return render(request, "annotation/feedback.html", context)


@never_cache
@require_safe
def qualification(request: HttpRequest, campaign: int) -> HttpResponse:
    """Whether this annotator passed, and whether they may try again."""
    found = get_object_or_404(Campaign.objects.annotatable_by(request.user), pk=campaign)
    if found.state == Campaign.State.DRAFT or not needs_qualification(found):
        raise Http404
    standing = standing_of(found, annotator_of(request.user))
    context = {"campaign": found, "standing": standing}
    return render(request, "annotation/qualification.html", context)


class QualityForm(UploadForm):
    purpose = forms.ChoiceField(
        label=_("For"),
        choices=[
            (Item.Purpose.TRAINING, _("training, with feedback after each answer")),
            (Item.Purpose.QUALIFICATION, _("qualification, without feedback")),
            (Item.Purpose.KNOWN, _("controls with a known answer")),
        ],
    )
    replace = forms.BooleanField(label=_("Replace what was loaded for this before"), required=False)
    field_order = ["file", "purpose", "replace", "columns"]


@method_decorator(require_http_methods(["GET", "HEAD", "POST"]), name="dispatch")
class QualityUpload(UploadView):
    kind = "quality"
    page_name = "annotation:quality_upload"
    title = _("Load items with known answers")
    lead = _(
        "A row is an item: key, output, other_output where two are compared, what is expected "
        "(score, score_min, score_max, errors_min, errors_max or preference), and an explanation "
        "in each language (explanation_mr)."
    )
    form_class = QualityForm

    def dispatch(self, request: HttpRequest, *args: Any, pk: int, **kwargs: Any) -> Any:
        self.campaign = get_object_or_404(Campaign.objects.manageable_by(request.user), pk=pk)
        if self.campaign.state != Campaign.State.DRAFT:
            messages.error(request, gettext("Such items are loaded while a campaign is a draft."))
            return redirect(self.target(self.given()))
        return super().dispatch(request, *args, **kwargs)

    def given(self) -> dict[str, Any]:
        return {"campaign": self.campaign.pk}

    def is_for(self, user: Any, options: dict[str, Any]) -> bool:
        return bool(self.those_for(user, {0: options}))

    def those_for(self, user: Any, options: Mapping[int, dict[str, Any]]) -> list[int]:
        named = {one["campaign"] for one in options.values()}
        campaigns = Campaign.objects.manageable_by(user).filter(pk__in=named)
        theirs = set(campaigns.values_list("pk", flat=True))
        return [key for key, one in options.items() if one["campaign"] in theirs]

    def address(self, options: dict[str, Any]) -> str:
        return reverse(self.page_name, args=[options["campaign"]])

    def crumbs(self, options: dict[str, Any]) -> list[tuple[Any, str]]:
        names = Campaign.objects.filter(pk=options["campaign"]).values_list("name", flat=True)
        campaigns = (_("Campaigns"), reverse("annotation:campaign_list"))
        return [campaigns, *((name, self.target(options)) for name in names)]

    def load(
        self,
        table: Table,
        options: dict[str, Any],
        *,
        dry_run: bool,
        progress: Callable[[int], None] = silent,
    ) -> Loaded:
        campaign = Campaign.objects.filter(pk=options["campaign"]).first()
        if campaign is None:
            raise BadInput("this campaign is gone; load the file into another")
        return load_quality(
            table,
            campaign=campaign,
            purpose=options["purpose"],
            replace=options["replace"],
            dry_run=dry_run,
            progress=progress,
        )

    def target(self, options: dict[str, Any]) -> str:
        return reverse("annotation:campaign_detail", args=[options["campaign"]])


@require_POST
def quality_clear(request: HttpRequest, pk: int, purpose: str) -> HttpResponse:
    """Remove from a draft what was loaded for a purpose."""
    campaign = get_object_or_404(Campaign.objects.manageable_by(request.user), pk=pk)
    if purpose not in PURPOSES:
        raise Http404
    try:
        n = clear_quality(campaign, purpose)
    except NikashError as problem:
        messages.error(request, problem.message)
    else:
        sentence = ngettext("%(n)s item was removed.", "%(n)s items were removed.", n)
        messages.success(request, sentence % {"n": n})
    return redirect("annotation:campaign_detail", pk)
