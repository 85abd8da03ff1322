"""Where segments stand in their documents, as other tools number them."""

from collections import Counter

from models_app.models import Dataset


def numbers_in_documents(dataset: Dataset) -> dict[int, int]:
    """Segment to its number in its document, from 1."""
    seen: Counter[str] = Counter()
    numbers = {}
    for pk, document in dataset.segments.order_by("position").values_list("pk", "document"):
        seen[document] += 1
        numbers[pk] = seen[document]
    return numbers
