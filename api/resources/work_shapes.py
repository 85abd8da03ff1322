"""The JSON of an annotator's work. Nothing in it tells who wrote a text."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.models import Assignment, Campaign
from api.bodies import Real
from api.resources.work_shown import given_by
from api.rows import AnyObject


class WorkSerializer(serializers.Serializer):
    campaign = serializers.IntegerField(source="pk", help_text="The campaign's id.")
    name = serializers.CharField(help_text="The campaign's name.")
    state = serializers.ChoiceField(choices=Campaign.State.values, help_text="open gives items.")
    protocol = serializers.CharField(help_text="What is asked, say esa.")
    n_done = serializers.IntegerField(help_text="Items that you have finished.")
    n_open = serializers.IntegerField(help_text="Items that you hold now.")
    n_items = serializers.IntegerField(help_text="Items that there are for you at most.")
    is_halted = serializers.BooleanField(help_text="Whether you are paused or excluded.")


class WorksSerializer(serializers.Serializer):
    results = WorkSerializer(many=True)


class ShownSerializer(serializers.Serializer):
    letter = serializers.CharField(help_text="A, B, ...: how the text is called on the page.")
    prefix = serializers.CharField(help_text="Its answer fields begin so, say o0-.")
    text = serializers.CharField(allow_blank=True, help_text="The text to judge.")


class NeighbourSerializer(serializers.Serializer):
    source = serializers.CharField(allow_blank=True, help_text="A source beside this one.")
    output = serializers.CharField(allow_null=True, help_text="In the same hand; null if none.")


class FieldsSerializer(serializers.Serializer):
    sequence = serializers.IntegerField(help_text="The newest answer's; 0 before any.")
    is_complete = serializers.BooleanField(help_text="Whether the answer counts.")
    answer = AnyObject(help_text="Fields and values as they were sent.")
    note = serializers.CharField(allow_blank=True, help_text="Your note.")
    flagged = serializers.BooleanField(help_text="Whether you flagged it.")
    guess = serializers.CharField(allow_blank=True, help_text="Your guess at the tuned one.")


class ItemSerializer(serializers.Serializer):
    id = serializers.IntegerField(help_text="The assignment's id: save to this.")
    campaign = serializers.IntegerField(help_text="The campaign's id.")
    protocol = serializers.CharField(help_text="What is asked, say esa.")
    state = serializers.ChoiceField(choices=Assignment.State.values, help_text="open, done ...")
    lease_until = serializers.DateTimeField(help_text="Then others may have it.")
    source_lang = serializers.CharField(help_text="Language of the source.")
    target_lang = serializers.CharField(help_text="Language of the outputs.")
    source = serializers.CharField(allow_blank=True, help_text="The source text.")
    context = serializers.CharField(allow_blank=True, help_text="What the dataset says around it.")
    before = NeighbourSerializer(many=True, help_text="The document before this item.")
    after = NeighbourSerializer(many=True, help_text="The document after this item.")
    outputs = ShownSerializer(many=True, help_text="The texts to judge, in your own order.")
    form = AnyObject(help_text="The protocol's questions, worded in your language.")
    guess = AnyObject(help_text="The question about the tuned model; empty if not asked.")
    given = FieldsSerializer(allow_null=True, help_text="Your answer so far; null before any.")


class NextSerializer(serializers.Serializer):
    why = serializers.ChoiceField(
        choices=["item", "feedback", "qualification", "done"],
        help_text="item: judge it; feedback: read that of this one first; "
        "qualification: see your result; done: nothing for you now.",
    )
    item = ItemSerializer(allow_null=True)


class AnswerSerializer(serializers.Serializer):
    key = serializers.UUIDField(help_text="Made by you; the same answer twice is stored once.")
    sequence = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1,
        help_text="Your count on this item: the newest so far and one.",
    )  # fmt: skip
    answer = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=200_000, trim_whitespace=False),
        help_text="Fields of the form and their values; docs/api.md lists them by protocol.",
    )
    note = serializers.CharField(allow_blank=True, default="", max_length=2000)
    flagged = serializers.BooleanField(default=False)
    guess = serializers.CharField(allow_blank=True, default="", max_length=20)
    finish = serializers.BooleanField(default=True, help_text="false for a draft.")
    active_seconds = Real(
        required=False, allow_null=True, min_value=0, max_value=1e7,
        help_text="Seconds of work on it.",
    )  # fmt: skip
    client_time = serializers.DateTimeField(required=False, allow_null=True)


class SavedSerializer(serializers.Serializer):
    sequence = serializers.IntegerField(help_text="The newest answer's.")
    is_new = serializers.BooleanField(help_text="false where it was delivered before.")
    is_complete = serializers.BooleanField(help_text="false for a draft.")
    next = NextSerializer(allow_null=True, help_text="The next item; null after a draft.")


class GivenBackSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Items that others may have now.")


class OwnSerializer(FieldsSerializer):
    guess = None


class MineSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk", help_text="The assignment's id.")
    campaign = serializers.IntegerField(source="item.campaign_id", help_text="The campaign's id.")
    state = serializers.ChoiceField(choices=Assignment.State.values, help_text="open, done ...")
    done_at = serializers.DateTimeField(allow_null=True, help_text="When it was finished.")
    given = serializers.SerializerMethodField(help_text="Your answer; null before any.")

    @extend_schema_field(OwnSerializer(allow_null=True))
    def get_given(self, assignment: Assignment) -> dict[str, Any] | None:
        own = assignment.item.own
        if not own:
            return None
        given = given_by(own[0], assignment, asks_guess=False)
        return {name: value for name, value in given.items() if name != "guess"}


class FeedbackSerializer(serializers.Serializer):
    is_known = serializers.BooleanField(help_text="Whether an answer was expected at all.")
    is_right = serializers.BooleanField(help_text="Whether yours was.", allow_null=True)
    expected = AnyObject(help_text="What was expected, in words.")
    given = AnyObject(help_text="What you answered, in words.")
    explanation = serializers.CharField(allow_blank=True, help_text="Why.")


class QualificationSerializer(serializers.Serializer):
    passed = serializers.BooleanField(help_text="Whether you may judge.")
    n_right = serializers.IntegerField(help_text="Right answers of the last attempt.")
    n_items = serializers.IntegerField(help_text="Its items.")
    threshold = serializers.IntegerField(help_text="Percent that must be right.")
    n_attempts = serializers.IntegerField(help_text="Attempts so far.")
    most_attempts = serializers.IntegerField(help_text="Attempts that one has.")


class GuidelineTextSerializer(serializers.Serializer):
    name = serializers.CharField(allow_blank=True, help_text="The guideline's name.")
    version = serializers.IntegerField(help_text="Its version.")
    language = serializers.CharField(allow_blank=True, help_text="The language of the text.")
    text = serializers.CharField(allow_blank=True, help_text="Markdown; empty if there is none.")
