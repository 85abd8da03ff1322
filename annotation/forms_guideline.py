"""Forms of a guideline's new version: its name, and a text in each language."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from annotation.guidelines import newest_version
from models_app.models.dataset import language_validator, name_validator

LONGEST_TEXT = 30_000
MOST_BRACKETS = 200  # the Markdown reader looks for the end of each, so thousands take minutes


class GuidelineForm(forms.Form):
    """The name of a new guideline; the next version of an old one keeps its name."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        validators=[name_validator],
        help_text=_("annotators read it below the text, with the version"),
    )
    based_on = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["name"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if newest_version(name):
            raise ValidationError(
                _("There is a guideline called %(name)s; open it to write its next version."),
                params={"name": name},
            )
        return name


class MarkdownField(forms.CharField):
    """Text as written, with the line ends of a stored one: browsers send others."""

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class TextForm(forms.Form):
    language = forms.CharField(
        label=_("Language"),
        max_length=35,
        validators=[language_validator],
        help_text=_("mr, hi, ga, en or another language tag"),
    )
    text = MarkdownField(
        label=_("Text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "dir": "auto"}),
        help_text=_("Markdown: # for a heading, - for a list, **for what matters**"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "empty_permitted": True})
        if tag := self.initial.get("language"):
            self.fields["language"].widget = forms.HiddenInput()
            self.fields["text"].widget.attrs["lang"] = tag

    def clean_language(self) -> str:
        primary, *further = self.cleaned_data["language"].split("-")
        return "-".join([primary.lower(), *(p.upper() if len(p) == 2 else p for p in further)])

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        if not text.strip():
            raise ValidationError(_("Write the text; a language cannot be left empty."))
        if len(text) > LONGEST_TEXT:
            raise ValidationError(
                _("The text has %(n)s characters; %(most)s is the most. Shorten it."),
                params={"n": len(text), "most": LONGEST_TEXT},
            )
        if text.count("[") > MOST_BRACKETS:
            raise ValidationError(
                _("The text has %(n)s opening square brackets; %(most)s is the most."),
                params={"n": text.count("["), "most": MOST_BRACKETS},
            )
        return text


class BaseTextFormSet(forms.BaseFormSet):
    def clean(self) -> None:
        """Refuse a language given twice, and a page without any text."""
        if any(self.errors):
            return
        languages = [self._language(form) for form in self.forms if self._has_text(form)]
        if not languages:
            raise ValidationError(_("Write the text in at least one language."))
        for language in languages:
            if languages.count(language) > 1:
                raise ValidationError(
                    _("There are two texts in the language %(language)s; keep one."),
                    params={"language": language},
                )

    @staticmethod
    def _has_text(form: forms.Form) -> bool:
        return form.has_changed() or bool(form.initial.get("text"))

    @staticmethod
    def _language(form: forms.Form) -> str:
        return form.cleaned_data.get("language") or form.initial["language"]

    def texts(self) -> dict[str, str]:
        """What was written, by language."""
        return {
            form.cleaned_data["language"]: form.cleaned_data["text"]
            for form in self.forms
            if form.has_changed()
        }


TextFormSet = forms.formset_factory(
    TextForm, formset=BaseTextFormSet, extra=1, max_num=50, absolute_max=50
)
