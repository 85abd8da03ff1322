"""Hidden characters stand in boxes that name them, and the text stays what it is."""

import re

from django.template import Context, Template
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from annotation.overlay import Mark, drawn
from common.text import unseen, visible
from models_app.templatetags.hidden import shown

HIDDEN = "\u202a\u202e\u2066\u2069\u200b\u2060\ufeff\u200c\u200d\x07\U000e0041\U000e007f"
TEXTS = st.text(st.sampled_from(f"aकष्ि <&'😀🏴\n\r{HIDDEN}"), max_size=30)


def taken_out(markup: str) -> str:
    """The markup without the boxes round what they hold."""
    return re.sub(r'<span class="unseen" [^>]*>(.)</span>', r"\1", markup, flags=re.DOTALL)


@given(TEXTS)
def test_without_its_boxes_a_text_is_the_escaped_text(text):
    markup = conditional_escape(shown(text))
    assert taken_out(markup) == escape(text)
    assert markup.count('class="unseen"') == len(unseen(text))


@given(TEXTS, st.data())
def test_marked_errors_cut_a_text_where_they_did(text, data):
    place = st.integers(0, len(text))
    spans = data.draw(st.lists(st.tuples(place, place).map(sorted), max_size=3))
    markup = drawn(text, [Mark(start, end, 0, "major", "r1") for start, end in spans])
    without = re.sub(r'<span class="lane [^>]*>|</span>', "", taken_out(str(markup)))
    assert without == escape(text)


@given(TEXTS)
def test_a_message_shows_as_many_as_a_page(text):
    assert visible(text).count("<U+") == len(unseen(text))


def test_a_box_names_its_character():
    markup = Template("{% load hidden %}{{ text|shown }}").render(Context({"text": "a<\u202eb"}))
    assert markup == (
        'a&lt;<span class="unseen" title="a character that nobody sees"'
        ' data-code="&lt;U+202E&gt;">\u202e</span>b'
    )


def test_what_is_no_text_or_safe_already_is_left_alone():
    safe = SafeString("<b>\u202e</b>")
    assert shown(safe) is safe and shown(None) is None and shown(1.5) == 1.5
    assert shown("क्\u200dष र्\u200dय अ\u200cब") == "क्\u200dष र्\u200dय अ\u200cब"
