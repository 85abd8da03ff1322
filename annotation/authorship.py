"""Who wrote a segment: an author never rates what they wrote."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from common.text import nfc

if TYPE_CHECKING:
    from annotation.models import Annotator, Campaign


def names_of(annotator: "Annotator") -> frozenset[str]:
    """The names under which this person may have written, folded."""
    user_name = annotator.user.get_username() if annotator.user_id else ""
    return _folded([annotator.author_name, user_name])


def written_by(author: Any) -> frozenset[str]:
    """The names in a segment's `author`, a text or a list of them, folded."""
    return _folded(author if isinstance(author, list) else [author])


def _folded(names: Iterable[Any]) -> frozenset[str]:
    texts = (" ".join(nfc(name).casefold().split()) for name in names if isinstance(name, str))
    return frozenset(text for text in texts if text)


def authors_by_block(
    campaign: "Campaign", among: Collection[int] | None = None
) -> dict[int, frozenset[str]]:
    """The folded authors of each block that has any; one query.

    among : look at these blocks alone; all of the campaign's by default
    """
    items = campaign.items.all() if among is None else campaign.items.filter(block__in=among)
    rows = (
        items.filter(segment__extra__has_key="author")
        .order_by()
        .values_list("block", "segment__extra__author")
        .distinct()
    )
    found: dict[int, frozenset[str]] = {}
    for block, author in rows:
        found[block] = found.get(block, frozenset()) | written_by(author)
    return found


def own_blocks(
    campaign: "Campaign", annotator: "Annotator", among: Collection[int] | None = None
) -> list[int]:
    """Blocks with a segment that this person wrote; never theirs to judge.

    among : look at these blocks alone; all of the campaign's by default
    """
    names = names_of(annotator)
    if not names:
        return []
    authors = authors_by_block(campaign, among)
    return sorted(block for block, wrote in authors.items() if names & wrote)
