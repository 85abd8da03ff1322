"""The site's rooms and the pages at their doors: what the menu shows, and where a page stands."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RESEARCHERS, SITE, CAMPAIGNS = "researchers", "site", "campaigns"


class Door(NamedTuple):
    """A page that the menu leads to; `prefix` is how the addresses of its pages begin.

    readers : RESEARCHERS, or also site auditors (SITE), or also members of campaigns (CAMPAIGNS)
    """

    url: str
    label: str | Promise
    prefix: str
    readers: str = SITE


class Room(NamedTuple):
    """`doors`: the first is what the room's name leads to; a room of one has no second line."""

    label: str | Promise
    doors: tuple[Door, ...]
    admins_only: bool = False


ROOMS = (
    Room(
        _("Data"),
        (
            Door("models_app:dataset_list", _("Datasets"), "/models/datasets/"),
            Door("models_app:corpus_list", _("Corpora"), "/models/corpora/"),
        ),
    ),
    Room(
        _("Models"),
        (
            Door("models_app:system_list", _("Systems"), "/models/systems/"),
            Door("models_app:checkpoint_list", _("Checkpoints"), "/models/checkpoints/"),
            Door("models_app:run_list", _("Runs"), "/models/runs/"),
            Door("models_app:training_list", _("Training"), "/models/training/"),
            Door("models_app:sweep_list", _("Sweeps"), "/models/sweeps/"),
            Door("models_app:benchmark_list", _("Benchmarks"), "/models/benchmarks/"),
            Door("models_app:energy_report", _("Energy"), "/models/energy/"),
            Door("models_app:playground", _("Playground"), "/models/playground/", RESEARCHERS),
        ),
    ),
    Room(_("Studies"), (Door("studies:list", _("Studies"), "/studies/"),)),
    Room(
        _("Campaigns"),
        (
            Door("annotation:campaign_list", _("Campaigns"), "/campaigns/", CAMPAIGNS),
            Door("annotation:guideline_list", _("Guidelines"), "/guidelines/"),
            Door("metrics:planner", _("Planner"), "/planner/", CAMPAIGNS),
            Door("webhooks:list", _("Webhooks"), "/webhooks/", RESEARCHERS),
        ),
    ),
    Room(
        _("Reports"),
        (
            Door("metrics:report_list", _("Reports"), "/reports/", CAMPAIGNS),
            Door("metrics:scoring_list", _("Scoring"), "/scoring/", CAMPAIGNS),
            Door("metrics:across", _("Across campaigns"), "/reports/across/", CAMPAIGNS),
            Door("metrics:benchmarks", _("Benchmarks compared"), "/benchmarks/"),
            Door("metrics:judge_list", _("Models as judges"), "/benchmarks/judges/", CAMPAIGNS),
        ),
    ),
    Room(_("Audit log"), (Door("annotation:audit", _("Audit log"), "/audit/", CAMPAIGNS),)),
    Room(_("People"), (Door("annotation:people", _("People"), "/people/"),), admins_only=True),
)


def rooms_for(
    *,
    is_admin: bool,
    is_researcher: bool,
    reads_site: bool = False,
    reads_campaigns: bool = False,
) -> list[Room]:
    """The rooms with the doors that such a reader may open; none without a door."""
    allowed = {
        RESEARCHERS: is_researcher or is_admin,
        SITE: reads_site or is_researcher or is_admin,
        CAMPAIGNS: reads_campaigns or reads_site or is_researcher or is_admin,
    }
    rooms = []
    for room in ROOMS:
        doors = tuple(door for door in room.doors if allowed[door.readers])
        if doors and (is_admin or not room.admins_only):
            rooms.append(room._replace(doors=doors))
    return rooms


def standing_in(path: str) -> tuple[Room | None, Door | None]:
    """The room and the door of an address: of several doors the one that says most of it."""
    doors = [(door, room) for room in ROOMS for door in room.doors if path.startswith(door.prefix)]
    if not doors:
        return None, None
    door, room = max(doors, key=lambda found: len(found[0].prefix))
    return room, door
