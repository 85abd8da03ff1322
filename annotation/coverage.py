"""How far a running campaign is: who has what, who shares how much, and what needs a look."""

from typing import NamedTuple

from annotation.alarms import little_shared, odd_speed, stopped
from annotation.grid import Cell, Grid, Row, column_labels, heat, square
from annotation.models import Campaign
from annotation.stuck import Nobody, stuck
from annotation.tallying import Tally, tally_of

MOST_SHOWN = 60


class Coverage(NamedTuple):
    """Cells of `matrix` count items as done, held and expired."""

    matrix: Grid
    pairs: Grid
    alarms: list[str]
    n_hidden: int = 0  # annotators beyond the MOST_SHOWN who did most


def coverage_of(campaign: Campaign, tally: Tally | None = None) -> Coverage:
    """From the campaign's tally, without another query."""
    tally = tally or tally_of(campaign)
    codes = {held.annotator: held.code for held in tally.held if held.n_judged}
    done = {held.annotator: held.n_done for held in tally.held}
    alarms = [
        *stopped(tally),
        *stuck(Nobody(*tally.stuck)),
        *little_shared(campaign, codes, done, tally.shared),
        *odd_speed(tally, codes),
    ]
    busiest = sorted(codes, key=lambda pk: (-done[pk], codes[pk]))[:MOST_SHOWN]
    order = sorted(busiest, key=lambda pk: codes[pk])
    shared = tally.shared
    table = [[shared.get((min(a, b), max(a, b)), 0) for b in order] for a in order]
    names = [codes[pk] for pk in order]
    matrix = _grid(campaign, codes, order, tally.cells)
    return Coverage(matrix, square(names, table), alarms, len(codes) - len(order))


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
