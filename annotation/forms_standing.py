"""The form with which a researcher pauses, excludes or takes back an annotator."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotation.models import Participation
from annotation.participation import LONGEST_REASON

State = Participation.State


class StandingForm(forms.Form):
    state = forms.ChoiceField(
        label=_("Standing"),
        widget=forms.RadioSelect,
        choices=[
            (State.ACTIVE, _("active: gets items")),
            (State.PAUSED, _("paused: gets no new items; what was rated counts")),
            (State.EXCLUDED, _("excluded: gets no new items; what was rated counts no more")),
        ],
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why; the reason is printed with the study.")},
        help_text=_("to pause or exclude; it is printed with the study, so name nobody"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = self.data.get("state") != State.ACTIVE
