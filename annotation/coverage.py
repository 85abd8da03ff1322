"""How far a running campaign is: who has what, who shares how much, and what needs a look."""

from typing import NamedTuple

from django.db.models import Count, F

from annotation.alarms import little_shared, odd_speed, stopped
from annotation.grid import Cell, Grid, Row, blocks_per_column, column_labels, heat, square
from annotation.models import Assignment, Campaign, Item
from annotation.stuck import stuck


class Coverage(NamedTuple):
    """Cells of `matrix` count items as done, held and expired."""

    matrix: Grid
    pairs: Grid
    alarms: list[str]


def coverage_of(campaign: Campaign) -> Coverage:
    """Nine queries, whatever the campaign's size."""
    codes, matrix = _matrix(campaign)
    done = {pk: sum(n for (who, _c), n in matrix["done"].items() if who == pk) for pk in codes}
    shared = _shared(campaign)
    alarms = [
        *stopped(campaign),
        *stuck(campaign),
        *little_shared(campaign, codes, done, shared),
        *odd_speed(campaign, codes),
    ]
    order = sorted(codes, key=lambda pk: codes[pk])
    table = [[shared.get((min(a, b), max(a, b)), 0) for b in order] for a in order]
    names = [codes[pk] for pk in order]
    return Coverage(_grid(campaign, codes, order, matrix), square(names, table), alarms)


def _matrix(campaign: Campaign) -> tuple[dict[int, str], dict[str, dict[tuple[int, int], int]]]:
    """Annotators' codes, and for each state the items of each annotator in each column."""
    size = blocks_per_column(_n_blocks(campaign))
    rows = (
        Assignment.objects.filter(item__campaign=campaign, item__purpose=Item.Purpose.JUDGE)
        .order_by()
        .values_list("annotator_id", "annotator__code", "state", F("item__block") / size)
        .annotate(n=Count("pk"))
    )
    codes: dict[int, str] = {}
    found: dict[str, dict[tuple[int, int], int]] = {state: {} for state in Assignment.State.values}
    for annotator, code, state, column, n in rows:
        codes[annotator] = code
        found[state][annotator, column] = n
    return codes, found


def _n_blocks(campaign: Campaign) -> int:
    return int(campaign.plan.get("n_blocks") or campaign.plan.get("n_items") or 1)


def _grid(
    campaign: Campaign,
    codes: dict[int, str],
    order: list[int],
    matrix: dict[str, dict[tuple[int, int], int]],
) -> Grid:
    columns = column_labels(_n_blocks(campaign))
    most = max(matrix["done"].values(), default=0)
    rows = []
    for pk in order:
        counts = [
            [matrix[state].get((pk, column), 0) for state in ("done", "open", "expired")]
            for column in range(len(columns))
        ]
        rows.append(
            Row(codes[pk], [Cell(_counted(*count), heat(count[0], most)) for count in counts])
        )
    return Grid(columns, rows)


def _counted(done: int, held: int, expired: int) -> str:
    """12, 3 held and 1 expired as `12 +3 ×1`; nothing for nothing."""
    parts = [str(done) if done or held or expired else ""]
    parts += [f"+{held}"] if held else []
    parts += [f"×{expired}"] if expired else []
    return " ".join(parts)


def _shared(campaign: Campaign) -> dict[tuple[int, int], int]:
    """Items that both of two annotators have finished, by the two keys, the smaller first."""
    state = Assignment.State.DONE
    rows = (
        Assignment.objects.filter(item__campaign=campaign, state=state)
        .filter(
            item__purpose=Item.Purpose.JUDGE,
            item__assignments__state=state,
            item__assignments__annotator_id__gt=F("annotator_id"),
        )
        .order_by()
        .values_list("annotator_id", "item__assignments__annotator_id")
        .annotate(n=Count("pk"))
    )
    return {(first, second): n for first, second, n in rows}
