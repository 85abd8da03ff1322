"""A seeded rater simulator, for demonstrations and tests only.

What it makes is marked as simulated wherever it is shown. A simulated rater sees what a person
would see, the text and the reference, and values an answer that is right, well formed and a full
sentence; each rater has a severity (a shift), a spread and noise of their own. Nothing in it knows
which system wrote a text.
"""

import uuid
from collections.abc import Sequence

from annotation.models import Annotator, Campaign
from annotation.services import next_assignment, submit_rating
from annotation.simulation.raters import ANSWERS, Seen, SimulatedRater

__all__ = ["ANSWERS", "SimulatedRater", "simulate"]

NAMESPACE = uuid.UUID("b1f0a5de-5a8e-4a55-9a57-3c1c7c2f6a01")


def simulate(campaign: Campaign, raters: Sequence[SimulatedRater]) -> int:
    """Have simulated raters work through an open campaign by the same doors as people.

    Returns the number of new ratings. Running it again adds nothing.
    """
    protocol, answer = campaign.protocol_object, ANSWERS[campaign.protocol]
    n_new = 0
    for rater in raters:
        annotator, _ = Annotator.objects.get_or_create(
            code=rater.code, scope=campaign.name, defaults={"origin": Annotator.Origin.SIMULATED}
        )
        while assignment := next_assignment(annotator, campaign):
            item = assignment.item
            slots = item.slots.select_related("output").order_by("slot")
            texts = [slot.text for slot in slots]
            submit_rating(
                assignment=assignment,
                key=uuid.uuid5(NAMESPACE, f"{campaign.pk}/{rater.code}/{item.pk}"),
                sequence=1,
                answer=answer(Seen(rater, protocol, texts, item.segment)),
                active_seconds=float(rater.rng.gamma(4.0, 5.0)),
            )
            n_new += 1
    return n_new
