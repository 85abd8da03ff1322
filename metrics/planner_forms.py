"""What a planner assumes, one form for each question; read from the address, so it can be sent."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from annotation.models import Campaign
from metrics.planner_fields import (
    HUGE,
    MOST_COMPARISONS,
    MOST_EACH,
    MOST_RATERS,
    MOST_RATINGS,
    MOST_SYSTEMS,
    MOST_TIES,
    TINY,
    real,
    whole,
)

MOST_SHARES = 11


class Assumptions(forms.Form):
    """`finer` fields are shown apart; `start` is what stands there before anybody types."""

    start: Mapping[str, Any] = {}
    finer: tuple[str, ...] = ("comparisons", "alpha", "power")

    comparisons = whole(
        gettext_lazy("Comparisons read together"),
        1,
        MOST_COMPARISONS,
        gettext_lazy("tests of one table, say of several systems, metrics or languages"),
    )
    alpha = real(
        gettext_lazy("False positives allowed"),
        0.0001,
        0.5,
        gettext_lazy("two-sided, in all comparisons together; 0.05 is usual"),
    )
    power = real(gettext_lazy("Power"), 0.05, 0.999, gettext_lazy("0.8 is usual"))

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.finer]

    def finer_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.finer]

    def has_finer_errors(self) -> bool:
        return any(name in self.errors for name in self.finer)


class Difference(Assumptions):
    start = {
        "smallest": 3,
        "ratings": 1,
        "n_systems": 2,
        "sd_rating": 14,
        "sd_output": 0,
        "n_raters": 4,
        "sd_rater": 6.2,
        "sd_segment": 4,
        "comparisons": "",
    }
    finer = ("n_raters", "sd_rater", "sd_segment", "comparisons", "alpha", "power")

    smallest = real(
        gettext_lazy("Smallest difference that matters"),
        TINY,
        HUGE,
        gettext_lazy("of two systems' means, in the scores' own unit"),
    )
    ratings = whole(gettext_lazy("Ratings of each output"), 1, MOST_RATINGS)
    n_systems = whole(
        gettext_lazy("Systems"), 2, MOST_SYSTEMS, gettext_lazy("each is compared with each other")
    )
    sd_rating = real(
        gettext_lazy("Spread of one rating"),
        TINY,
        HUGE,
        gettext_lazy("standard deviation of what neither output nor annotator explains"),
    )
    sd_output = real(
        gettext_lazy("Spread of outputs"),
        0,
        HUGE,
        gettext_lazy("standard deviation of a system's good and bad segments beyond the others'"),
    )
    n_raters = whole(gettext_lazy("Annotators"), 1, MOST_RATERS)
    sd_rater = real(
        gettext_lazy("Spread of annotators"), 0, HUGE, gettext_lazy("the strict and the lenient")
    )
    sd_segment = real(
        gettext_lazy("Spread of segments"), 0, HUGE, gettext_lazy("the easy and the hard")
    )

    comparisons = whole(
        gettext_lazy("Comparisons read together"),
        1,
        MOST_COMPARISONS,
        gettext_lazy("nothing: every two systems"),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and data["n_raters"] < data["ratings"]:
            self.add_error(
                "n_raters", _("That many ratings of an output need at least as many annotators.")
            )
        return data


class Wins(Assumptions):
    start = {"win": 45, "tie": 25}

    win = real(
        gettext_lazy("Wins, %"), 0, 100, gettext_lazy("of all segments, of the better system")
    )
    tie = real(
        gettext_lazy("Ties, %"), 0, MOST_TIES, gettext_lazy("of all segments; the rest it loses")
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and data["win"] + data["tie"] > 100:
            raise forms.ValidationError(_("Wins and ties are more than 100 % together."))
        return data


class Correlation(Assumptions):
    start = {"r": 0.3}

    r = real(
        gettext_lazy("Correlation"), -0.999, 0.999, gettext_lazy("of a metric with people's scores")
    )


class Metrics(Assumptions):
    start = {"r_first": 0.4, "r_second": 0.3, "r_between": 0.6}

    r_first = real(gettext_lazy("Correlation of the first metric with people"), -0.99, 0.99)
    r_second = real(gettext_lazy("Correlation of the second metric with people"), -0.99, 0.99)
    r_between = real(gettext_lazy("Correlation of the two metrics"), -0.99, 0.99)


class Agreement(Assumptions):
    start = {
        "agreement": 0.5,
        "width": 0.2,
        "each": 3,
        "shares": "5, 10, 15, 20, 25, 15, 10",
        "level": "ordinal",
    }
    finer = ("level",)

    agreement = real(
        gettext_lazy("Agreement to expect"), 0, 1, gettext_lazy("0 chance, 1 complete")
    )
    width = real(
        gettext_lazy("Width of its interval"),
        0.02,
        1.9,
        gettext_lazy("0.2 is from 0.4 to 0.6"),
    )
    each = whole(gettext_lazy("Ratings of each output"), 2, MOST_EACH)
    shares = forms.CharField(
        label=gettext_lazy("How often each answer is given"),
        help_text=gettext_lazy("numbers with commas between, lowest answer first"),
    )
    comparisons = None
    level = forms.ChoiceField(
        label=gettext_lazy("Measure"),
        choices=[
            ("ordinal", gettext_lazy("Krippendorff's alpha, ordinal")),
            ("interval", gettext_lazy("Krippendorff's alpha, interval")),
            ("nominal", gettext_lazy("Krippendorff's alpha, nominal")),
            ("kappa", gettext_lazy("Cohen's kappa")),
            ("quadratic", gettext_lazy("Cohen's kappa, quadratic weights")),
        ],
    )
    alpha = None
    power = None

    def clean_shares(self) -> list[float]:
        words = [word.strip() for word in self.cleaned_data["shares"].split(",")]
        try:
            shares = [float(word) for word in words if word]
        except ValueError:
            raise forms.ValidationError(
                _("Write numbers with commas between, such as 10, 20, 40, 30.")
            ) from None
        positive = sum(share > 0 for share in shares)
        if (
            not 2 <= len(shares) <= MOST_SHARES
            or positive < 2
            or not all(0 <= s <= 1e6 for s in shares)
        ):
            raise forms.ValidationError(
                _("Give 2 to %(most)s numbers, none negative, two of them above 0.")
                % {"most": MOST_SHARES}
            )
        return shares


QUESTIONS: dict[str, tuple[Any, type[Assumptions]]] = {
    "difference": (gettext_lazy("Difference of scores"), Difference),
    "wins": (gettext_lazy("Wins and ties"), Wins),
    "correlation": (gettext_lazy("Correlation"), Correlation),
    "metrics": (gettext_lazy("Two metrics"), Metrics),
    "agreement": (gettext_lazy("Agreement"), Agreement),
}
USUAL = {"alpha": 0.05, "power": 0.8, "comparisons": 1}


def form_for(
    question: str, typed: Mapping[str, Any], pilot: Mapping[str, Any] | None = None
) -> Assumptions:
    """Bound to what was typed; a field left out has the pilot's value, else the usual one."""
    kind = QUESTIONS[question][1]
    data = {**USUAL, **kind.start, **(pilot or {})}
    data |= {name: typed[name] for name in kind.base_fields if name in typed}
    return kind(data, use_required_attribute=False)


class ChoosePilot(forms.Form):
    pilot = forms.ModelChoiceField(
        label=gettext_lazy("Take the assumptions from"),
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=gettext_lazy("no earlier campaign"),
        error_messages={
            "invalid_choice": gettext_lazy(
                "That is not a campaign with ratings that you may read; choose one of the list."
            )
        },
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pilot"].queryset = (
            Campaign.objects.visible_to(user)
            .filter(items__ratings__is_complete=True)
            .distinct()
            .order_by("name")
        )
