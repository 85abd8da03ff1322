"""Forms for corpora: the card, splits, subsets, and whose tokeniser to measure."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from models_app.corpora.round_trip import SAMPLE
from models_app.models import Checkpoint, Corpus, Split, System
from models_app.models.dataset import language_validator, name_validator
from models_app.views.upload import UploadForm


class CorpusForm(UploadForm):
    name = forms.CharField(label=_("Name"), max_length=100, validators=[name_validator])
    kind = forms.ChoiceField(label=_("Kind"), choices=Corpus.Kind.choices)
    source_lang = forms.CharField(
        label=_("Source language"), validators=[language_validator], help_text=_("say en")
    )
    target_lang = forms.CharField(
        label=_("Language of the outputs"),
        validators=[language_validator],
        help_text=_("the same as the source for instructions and summaries"),
    )
    licence = forms.CharField(
        label=_("Licence"),
        max_length=300,
        help_text=_(
            "what is trained on the texts inherits it; write unknown where it is not known"
        ),
    )
    origin = forms.CharField(label=_("Origin"), max_length=300)
    text_origin = forms.ChoiceField(label=_("The texts are"), choices=Corpus.TextOrigin.choices)
    produced_by = forms.CharField(
        label=_("Produced by"),
        max_length=200,
        required=False,
        help_text=_("the engine, where they are machine-translated or written by a model"),
    )
    split = forms.ChoiceField(
        label=_("Split of every row"), choices=[("", _("none")), *Split.choices], required=False
    )
    field_order = [
        "file", "name", "kind", "source_lang", "target_lang", "licence", "origin", "text_origin",
        "produced_by", "split", "columns",
    ]  # fmt: skip


class SplitForm(forms.Form):
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**31 - 1, initial=1)
    train = forms.FloatField(label=_("Train, %"), min_value=0, max_value=100, initial=90)
    valid = forms.FloatField(label=_("Valid, %"), min_value=0, max_value=100, initial=5)
    test = forms.FloatField(label=_("Test, %"), min_value=0, max_value=100, initial=5)


class DrawForm(forms.Form):
    sizes = forms.CharField(
        label=_("Sizes"), initial="16, 64, 256", help_text=_("each lies within the larger ones")
    )
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**31 - 1, initial=1)
    per_language = forms.BooleanField(label=_("So many of each language"), required=False)

    def clean_sizes(self) -> list[int]:
        try:
            return [int(part) for part in self.cleaned_data["sizes"].replace(",", " ").split()]
        except ValueError:
            raise ValidationError(_("Write numbers, say 16, 64, 256.")) from None


class MeasureForm(forms.Form):
    checkpoint = forms.ModelChoiceField(label=_("Tokeniser of"), queryset=Checkpoint.objects.all())


class AuditForm(forms.Form):
    back = forms.ModelChoiceField(
        label=_("Translate back with"),
        required=False,
        queryset=System.objects.filter(kind=System.Kind.MODEL),
        empty_label=_("nothing: no round trip"),
        help_text=_("what comes back is compared with the source by chrF"),
    )
    sample = forms.IntegerField(
        label=_("Texts to translate back"),
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        initial=SAMPLE,
        help_text=_("0: all of them"),
    )
    seed = forms.IntegerField(
        label=_("Seed"), required=False, min_value=0, max_value=2**31 - 1, initial=1
    )

    def clean_sample(self) -> int:
        found = self.cleaned_data["sample"]
        return SAMPLE if found is None else int(found)

    def clean_seed(self) -> int:
        found = self.cleaned_data["seed"]
        return 1 if found is None else int(found)
