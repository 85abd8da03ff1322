"""Multidimensional quality metrics: error spans with category and severity."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from annotation.mqm import NON_TRANSLATION, load_label, load_tree, paths, tree_names, worded_tree
from annotation.protocols import PROTOCOLS
from annotation.protocols.base import Answer, CheckedAnswer, Score
from annotation.protocols.error_spans import ErrorSpanProtocol, given_for
from annotation.scoring import PROFILES, SEVERITIES, Error, mqm_penalty, profile_of
from common.errors import BadInput
from common.problems import shown


class OwnJSON(forms.JSONField):
    """JSON that may be left out; the empty field is empty, not `null`."""

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


@PROTOCOLS.register("mqm")
class MQM(ErrorSpanProtocol):
    """Options: `weights` (a profile's name, or one of the campaign's own), `tree` (google, core or
    a tree of one's own), `leaves` (the language whose leaves are added), `max_errors`.
    """

    label = _("MQM: errors with category and severity")
    unit = "penalty points per segment"
    direction = "lower"
    level = "interval"
    main_criterion = "penalty"
    severities = SEVERITIES
    template = "annotation/protocols/mqm.html"

    @classmethod
    def option_fields(cls) -> dict[str, forms.Field]:
        return {
            "tree": forms.ChoiceField(
                label=_("Categories"),
                choices=[(name, load_label(name)) for name in tree_names()],
                required=False,
                help_text=_("the leaves of Marathi or Irish are added for outputs in them"),
            ),
            "own_tree": OwnJSON(
                label=_("Categories of your own"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_('instead: {"categories": [{"name": "Accuracy", "children": [...]}]}'),
            ),
            "weights": forms.ChoiceField(
                label=_("Weights"),
                choices=[(name, name) for name in sorted(PROFILES, key=lambda n: n != "google")],
                required=False,
            ),
            "own_weights": OwnJSON(
                label=_("Weights of your own"),
                required=False,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_('instead: {"name": "mine", "weights": {"major": 5, "minor": 1}}'),
            ),
            "critical": forms.BooleanField(label=_("Offer critical as well"), required=False),
            **super().option_fields(),
        }

    @classmethod
    def options_from(cls, given: Mapping[str, Any], language: str) -> dict[str, Any]:
        options = super().options_from(given, language)
        for name in ("tree", "weights"):
            if own := options.pop(f"own_{name}", None):
                options[name] = own
        return {**options, "leaves": language}

    def check_options(self) -> None:
        super().check_options()
        self.profile = profile_of(self.options.get("weights", "google"))
        self.tree = load_tree(self.options.get("tree", "google"), self.options.get("leaves", ""))

    @cached_property
    def categories(self) -> dict[str, Any]:
        return dict(paths(self.tree))

    def form(self, language: str) -> dict[str, Any]:
        return {
            "tree": worded_tree(self.tree, language),
            "severities": ["minor", "major", *(["critical"] if self._has_critical else [])],
            "maxErrors": self.max_errors,
            "mostErrors": self.most_errors,
            "words": self.words(),
            "nonTranslation": NON_TRANSLATION,
        }

    @property
    def _has_critical(self) -> bool:
        return bool(self.options.get("critical"))

    def check_answer(self, answer: Mapping[str, Any], n_outputs: int) -> CheckedAnswer:
        outputs = {
            str(slot): {"errors": self.checked_errors(given_for(answer, slot))}
            for slot in range(n_outputs)
        }
        errors = [error for output in outputs.values() for error in output["errors"]]
        return CheckedAnswer({"outputs": outputs}, is_complete=all(map(self._is_whole, errors)))

    def checked_error(self, error: Any) -> dict[str, Any]:
        checked = super().checked_error(error)
        category = checked["category"]
        if category == NON_TRANSLATION:
            whole = {"side": "target", "start": None, "end": None, "quoted": ""}
            return {**checked, **whole, "severity": "major"}
        if category and category not in self.categories:
            raise BadInput(
                gettext("no category %(category)s in this campaign; load the page again")
                % {"category": shown(category)}
            )
        if checked["start"] is None:
            raise BadInput("an error needs a place in the text")
        return checked

    def _is_whole(self, error: Mapping[str, Any]) -> bool:
        if error["category"] == NON_TRANSLATION:
            return True
        node = self.categories.get(error["category"])
        if node is None or not error["severity"]:
            return False
        return bool(error["note"].strip()) or not node.get("needs_note")

    def scores(self, answer: Answer, n_outputs: int) -> Sequence[Score]:
        return [
            Score(slot, self.main_criterion, mqm_penalty(_errors(answer, slot), self.profile))
            for slot in range(n_outputs)
        ]


def _errors(answer: Answer, slot: int) -> list[Error]:
    errors = answer["outputs"][str(slot)]["errors"]
    return [Error(error["severity"], error["category"]) for error in errors]
