"""One more annotator for an item on which the planned ones differ too much."""

from typing import NamedTuple

from django.db.models import Max, Min

from annotation.models import Campaign, Item, Rating, RatingScore
from common.errors import BadInput
from common.problems import shown


class Rule(NamedTuple):
    """Call one more when two scores of an output differ by `differ_by` or more, in its unit."""

    criterion: str
    differ_by: float


def rule_of(campaign: Campaign) -> Rule | None:
    """The rule in the campaign's options, or None. Raises BadInput for one that cannot be used.

    `{"adjudicate": {"differ_by": 2}}`; the criterion is the protocol's main one unless named.
    """
    wanted = campaign.options.get("adjudicate")
    if not wanted:
        return None
    if not isinstance(wanted, dict) or wanted.keys() - {"criterion", "differ_by"}:
        raise BadInput(
            f'adjudicate is {shown(wanted)}; write {{"criterion": name, "differ_by": number}}'
        )
    protocol = campaign.protocol_object
    criterion = wanted.get("criterion") or protocol.main_criterion
    if criterion not in protocol.criteria():
        known = ", ".join(protocol.criteria())
        raise BadInput(f"{protocol.label} has no criterion {shown(criterion)}; known: {known}")
    differ_by = wanted.get("differ_by")
    if isinstance(differ_by, bool) or not isinstance(differ_by, int | float) or not differ_by > 0:
        raise BadInput(f"differ_by is {shown(differ_by)}; write a number above 0 ({protocol.unit})")
    if campaign.raters_per_item < 2:
        raise BadInput(
            "one rating differs from no other; to call one more annotator where two differ, "
            "set the annotators for each item to 2 or more"
        )
    return Rule(criterion, float(differ_by))


def call_another(rating: Rating) -> bool:
    """Want one more annotator for the item if all planned ones are done and two of them differ.

    Once per item; whether it was done now. Run it in the transaction that stores the rating.
    """
    campaign = rating.item.campaign
    if not rating.is_complete or rating.item.purpose != Item.Purpose.JUDGE:
        return False
    if (rule := rule_of(campaign)) is None:
        return False
    item = Item.objects.select_for_update().get(pk=rating.item_id)  # the other may be storing, too
    wanted = item.n_wanted or campaign.raters_per_item
    n_complete = item.ratings.filter(is_complete=True).count()
    called_before = wanted > campaign.raters_per_item
    if called_before or n_complete < max(wanted, 2) or _spread(item, rule) < rule.differ_by - 1e-9:
        return False
    item.n_wanted = max(wanted, n_complete) + 1
    item.save(update_fields=["n_wanted"])
    return True


def _spread(item: Item, rule: Rule) -> float:
    """How far apart the item's complete ratings are on the output on which they differ most."""
    scores = RatingScore.objects.filter(
        rating__item=item, rating__is_complete=True, criterion=rule.criterion
    )
    outputs = scores.values("output").annotate(spread=Max("value") - Min("value"))
    return max((row["spread"] for row in outputs), default=0.0)
