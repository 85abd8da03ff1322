"""The form in which a person says who they are, as a reader of their ratings should know."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from annotation.models import Annotator
from annotation.numerals import digits

PUBLISHED = ("answers", "notes", "profile")


class ProfileForm(forms.ModelForm):
    experience_years = forms.IntegerField(
        label=_("Years of experience with translating or judging texts"),
        required=False,
        min_value=0,
        max_value=80,
    )
    consent = forms.BooleanField(
        label=_("I agree that my answers are used for research"), required=False
    )
    publish_answers = forms.BooleanField(
        label=_("My answers may be published, under my code"), required=False
    )
    publish_notes = forms.BooleanField(
        label=_("What I write in notes may be published, too"), required=False
    )
    publish_profile = forms.BooleanField(
        label=_("This profile may be published, under my code"), required=False
    )
    language = forms.ChoiceField(label=_("Language of the pages, on this device"))

    class Meta:
        model = Annotator
        fields = (
            "native_languages",
            "dialect",
            "region",
            "education",
            "experience_years",
            "relation_to_authors",
            "author_name",
        )
        labels = {
            "native_languages": _("Native languages"),
            "dialect": _("Dialect"),
            "region": _("Region"),
            "education": _("Education"),
            "relation_to_authors": _("Relation to the authors of the study"),
            "author_name": _("The name under which I wrote items"),
        }
        help_texts = {
            "native_languages": _("those you grew up with, separated by commas"),
            "dialect": _("say, Varhadi or Connacht Irish"),
            "region": _("where you learnt to speak them"),
            "education": _("the highest you finished, and in which subject"),
            "relation_to_authors": _("say, none, student, colleague or friend"),
            "author_name": _("if you wrote questions or texts; you are never given those to judge"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [
            (code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES
        ]
        self.fields["language"].initial = get_language()
        self.fields["consent"].help_text = self._consent_help()
        self.fields["consent"].initial = self.instance.consented_at is not None
        for what in PUBLISHED:
            held_back = getattr(self.instance, f"withholds_{what}")
            asked = self.instance.consented_at is not None
            self.fields[f"publish_{what}"].initial = asked and not held_back

    def _consent_help(self) -> str:
        given = self.instance.consented_at
        kept = _t(
            "Answers and this profile are kept under your code. "
            "You may take this back here at any time."
        )
        if given is None:
            return kept
        return f"{_t('You agreed on %(date)s.') % {'date': digits(date_format(given))}} {kept}"

    def save(self, commit: bool = True) -> Annotator:
        """The first consent keeps its date until it is taken back."""
        consents = self.cleaned_data["consent"]
        self.instance.consented_at = (
            (self.instance.consented_at or timezone.now()) if consents else None
        )
        for what in PUBLISHED:
            allowed = self.cleaned_data[f"publish_{what}"]
            setattr(self.instance, f"withholds_{what}", not allowed)
        return super().save(commit)
