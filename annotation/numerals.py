"""Numbers as a page's language writes them."""

from django.utils.translation import get_language

DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
WRITTEN_IN_DEVANAGARI = ("mr", "hi")


def digits(value: object) -> str:
    """The value as text: in Devanagari digits for a reader of Marathi or Hindi, else unchanged.

    For plain text only: in HTML it would change character references such as `&#39;` as well.
    """
    text = str(value)
    language = (get_language() or "").split("-")[0]
    return text.translate(DEVANAGARI) if language in WRITTEN_IN_DEVANAGARI else text
