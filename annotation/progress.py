"""Where an annotator stands among the items they were given, at a cost that does not grow."""

from typing import NamedTuple

from accounts.prepared import keeping_cursor
from annotation.models import Assignment

# Each part is a look into the index on (annotator, state, position): what is done is not counted
# but told from positions, which an annotator's items in a campaign have from 0 without a gap.
_STANDING = """
SELECT
 (SELECT COUNT(*) FROM annotation_assignment a JOIN annotation_item i ON i.id = a.item_id
  WHERE a.annotator_id = %(annotator)s AND a.state IN ('open', 'expired')
   AND i.campaign_id = %(campaign)s),
 {tops}, {befores}
"""
_ONE = """(SELECT {what} FROM annotation_assignment a JOIN annotation_item i ON i.id = a.item_id
  WHERE a.annotator_id = %(annotator)s AND a.state = '{state}' AND i.campaign_id = %(campaign)s
   {only} ORDER BY a.position DESC LIMIT 1)"""
STATES = tuple(Assignment.State.values)


class Standing(NamedTuple):
    """Of an annotator's items in a campaign: this one's number from 1, how many, how many done.

    `previous` is the assignment before this one, or None.
    """

    number: int
    n: int
    n_done: int
    previous: int | None


def standing_at(assignment: Assignment) -> Standing:
    """One query, whose cost is that of the items held, not of those done."""
    values = {
        "annotator": assignment.annotator_id,
        "campaign": assignment.item.campaign_id,
        "position": assignment.position,
    }
    with keeping_cursor() as cursor:
        cursor.execute(_SQL, values)
        n_left, *found = cursor.fetchone()
    k = len(STATES)
    tops, before, ids = found[:k], found[k : 2 * k], found[2 * k :]
    n = max(top for top in tops if top is not None) + 1
    earlier = [(p, pk) for p, pk in zip(before, ids, strict=True) if p is not None]
    return Standing(assignment.position + 1, n, n - n_left, max(earlier)[1] if earlier else None)


def last_position(annotator: int, campaign: int) -> int:
    """The position of the item given last, -1 before the first; one query that counts nothing."""
    values = {"annotator": annotator, "campaign": campaign}
    with keeping_cursor() as cursor:
        cursor.execute(_TOPS, values)
        return max((top for top in cursor.fetchone() if top is not None), default=-1)


def _each(what: str, only: str = "") -> str:
    return ", ".join(_ONE.format(what=what, state=state, only=only) for state in STATES)


_BEFORE = "AND a.position < %(position)s"
_SQL = _STANDING.format(
    tops=_each("a.position"), befores=f"{_each('a.position', _BEFORE)}, {_each('a.id', _BEFORE)}"
)
_TOPS = f"SELECT {_each('a.position')}"
