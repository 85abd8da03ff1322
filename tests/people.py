"""The people of the tests: Alice owns, Bob annotates, Charlie is a stranger, Ada is the admin.

Eve audits one campaign and Gita administers it, both without a role on the site; Frank audits all.
"""

from typing import Any

from django.contrib.auth import get_user_model

from annotation.accounts import add_member, create_account
from annotation.models import Campaign
from common.text import text_hash
from models_app.models import Dataset, Output, Segment, System

PASSWORD = "correct-horse-battery"


def person(username: str, role: str) -> Any:
    found = get_user_model().objects.filter(username=username).first()
    return found or create_account(username=username, role=role, password=PASSWORD)


def ada() -> Any:
    return person("ada", "admin")


def alice() -> Any:
    return person("alice", "researcher")


def bob() -> Any:
    return person("bob", "annotator")


def charlie() -> Any:
    return person("charlie", "researcher")


def eve() -> Any:
    return person("eve", "annotator")


def frank() -> Any:
    return person("frank", "auditor")


def gita() -> Any:
    return person("gita", "annotator")


def small_dataset(name: str = "small", n_segments: int = 6, *, questions: bool = False) -> Dataset:
    """Segments s0, s1 ... in two documents and two domains, each with one reference."""
    source_lang = "mr" if questions else "en"
    dataset = Dataset.objects.create(name=name, source_lang=source_lang, target_lang="mr")
    Segment.objects.bulk_create(
        Segment(
            dataset=dataset,
            key=f"s{number}",
            position=number,
            source=f"The dog ran {number} times.",
            references=[f"कुत्रा {number} वेळा धावला."],
            document=f"d{number // 3}",
            domain=("health", "news")[number % 2],
        )
        for number in range(n_segments)
    )
    return dataset


def small_system(name: str, dataset: Dataset, text: str = "कुत्रा {number} धावला.") -> System:
    """A system with one output for every segment."""
    system, _ = System.objects.get_or_create(name=name)
    texts = {s.pk: text.format(number=s.position, key=s.key) for s in dataset.segments.all()}
    Output.objects.bulk_create(
        Output(system=system, segment_id=pk, text=words, text_hash=text_hash(words))
        for pk, words in texts.items()
    )
    return system


def small_campaign(
    name: str = "study", protocol: str = "sqm", *, n_segments: int = 6, **fields: Any
) -> Campaign:
    """A draft over two systems; Alice may read it, Bob annotates it."""
    dataset = small_dataset(f"data of {name}", n_segments)
    campaign = Campaign.objects.create(name=name, dataset=dataset, protocol=protocol, **fields)
    campaign.systems.add(
        small_system(f"secret-base of {name}", dataset),
        small_system(f"secret-lora of {name}", dataset, "तो कुत्रा {number} वेळा जोरात धावला."),
    )
    add_member(campaign=campaign, user=alice(), role="researcher")
    add_member(campaign=campaign, user=bob(), role="annotator")
    return campaign
