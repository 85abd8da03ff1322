"""Forms that ask for new corpora: a mix of several, or a translation of one."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from models_app.corpora.mixing import UNITS
from models_app.models import Checkpoint, Corpus, System
from models_app.models.dataset import language_validator, name_validator

N_PARTS, N_FIRST = 8, 3
MOST_COUNTED = 20_000  # examples that a page may have tokenised while somebody waits
MOST_READ = 200_000


class MixForm(forms.Form):
    """Parts stand in `corpus_1`, `weight_1` and so on; a row without a corpus is passed over."""

    name = forms.CharField(label=_("Name"), max_length=100, validators=[name_validator])
    unit = forms.ChoiceField(label=_("Counted in"), choices=[(unit, unit) for unit in UNITS])
    budget = forms.IntegerField(
        label=_("Budget"),
        min_value=1,
        max_value=10**12,
        help_text=_("how much in all, over instruction, input and output"),
    )
    checkpoint = forms.ModelChoiceField(
        label=_("Tokeniser of"),
        required=False,
        queryset=Checkpoint.objects.all(),
        help_text=_("for a budget in tokens"),
    )
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=2**31 - 1, initial=1)
    english = forms.ModelChoiceField(
        label=_("Corpus in English"),
        required=False,
        queryset=Corpus.objects.all(),
        empty_label=_("none"),
    )
    english_percent = forms.FloatField(
        label=_("Share of English, %"), required=False, min_value=0, max_value=99.9
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for n in range(1, N_PARTS + 1):
            self.fields[f"corpus_{n}"] = forms.ModelChoiceField(
                label=_("Corpus %(n)s") % {"n": n},
                required=n == 1,
                queryset=Corpus.objects.all(),
                empty_label=_("none"),
            )
            self.fields[f"weight_{n}"] = forms.FloatField(
                label=_("Weight %(n)s") % {"n": n}, required=n == 1, min_value=0, initial=1
            )

    def what(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in ("name", "unit", "budget", "checkpoint", "seed"))

    def in_english(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in ("english", "english_percent"))

    def first(self) -> list[list[forms.BoundField]]:
        return self._rows(1, N_FIRST)

    def further(self) -> list[list[forms.BoundField]]:
        return self._rows(N_FIRST + 1, N_PARTS)

    def more_are_used(self) -> bool:
        return any(row[0].value() for row in self.further())

    def _rows(self, first: int, last: int) -> list[list[forms.BoundField]]:
        return [[self[f"corpus_{n}"], self[f"weight_{n}"]] for n in range(first, last + 1)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        weights: dict[Corpus, float] = {}
        for n in range(1, N_PARTS + 1):
            corpus = found.get(f"corpus_{n}")
            if corpus in weights:
                self.add_error(f"corpus_{n}", _("Name each corpus once."))
            elif corpus:
                weights[corpus] = found.get(f"weight_{n}") or 0
        found["weights"] = weights
        english = [found["english"]] if found.get("english") else []
        n_examples = sum(corpus.n_examples for corpus in [*weights, *english])
        if n_examples > (MOST_COUNTED if found.get("unit") == "tokens" else MOST_READ):
            raise ValidationError(
                _("%(n)s examples are too many to count while you wait; use mix_corpora."),
                params={"n": n_examples},
            )
        return found

    def asked(self) -> dict[str, Any]:
        """As mix_corpora and planned_mix take it."""
        names = ("weights", "budget", "unit", "seed", "english", "checkpoint")
        share = (self.cleaned_data["english_percent"] or 0) / 100
        return {name: self.cleaned_data[name] for name in names} | {"english_share": share}


class TranslateForm(forms.Form):
    system = forms.ModelChoiceField(
        label=_("System"),
        queryset=System.objects.filter(kind=System.Kind.MODEL),
        help_text=_("who translates, with its prompt and decoding"),
    )
    target_lang = forms.CharField(
        label=_("Into"), validators=[language_validator], help_text=_("a language tag, say mr")
    )
    name = forms.CharField(
        label=_("Name of the new corpus"), max_length=100, validators=[name_validator]
    )
