"""The demo: the project's own data, real outputs of its small models, simulated ratings.

Every step looks first whether it was done; a second run changes nothing and takes seconds.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from annotation.accounts import add_member, create_account, new_password
from annotation.models import Campaign, Guideline
from annotation.services import close_campaign, open_campaign
from annotation.simulation import SimulatedRater, simulate
from common.tables import open_table
from metrics import tasks as metrics_tasks  # noqa: F401 - makes the jobs known
from metrics.reporting import fresh_report, open_report
from metrics.scoring import create_run
from models_app import tasks as models_tasks  # noqa: F401 - makes the jobs known
from models_app.checkpoints import register_adapter, register_checkpoint, register_system
from models_app.generation import generate_together, start_generation
from models_app.jobs import run_inline
from models_app.loading.dataset import load_dataset
from models_app.models import Adapter, Checkpoint, Dataset, PromptTemplate, System

Say = Callable[[str], None]
ROLES = (("admin", "admin"), ("researcher", "researcher"), ("annotator", "annotator"))
MODELS = "fixtures/models"
METRICS = ["bleu", "chrf", "ter", "rougeL", "token_f1", "exact_match", "length_ratio", "nli"]
LICENCE = "CC BY 4.0"


def logins() -> list[tuple[str, str, str]]:
    """(role, user name, password) of the three demo accounts."""
    passwords = json.loads(_passwords_file().read_text(encoding="utf-8"))
    return [(role, name, passwords[name]) for role, name in ROLES]


def _passwords_file() -> Path:
    return Path(settings.DATA_DIR) / "demo-logins.json"


def load_demo(say: Say) -> None:
    people = _people()
    say("Loading questions and sentences ...")
    datasets = _datasets()
    say("Registering the demo's models ...")
    systems = _systems()
    say("Generating outputs with them ...")
    _generate(datasets["mr150"], systems["answers"], say)
    _generate(datasets["en-mr-200"], systems["translations"], say)
    _guidelines()
    finished = _finished_campaigns(datasets, systems, people, say)
    _open_campaigns(datasets, systems, people)
    for campaign in finished:
        _measure(campaign, say)


def _people() -> dict[str, Any]:
    path = _passwords_file()
    passwords = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    users = {}
    for role, name in ROLES:
        user = get_user_model().objects.filter(username=name).first()
        if user is None or name not in passwords:
            passwords[name] = new_password()
            if user is None:
                user = create_account(username=name, role=role, password=passwords[name])
            else:
                user.set_password(passwords[name])
                user.save()
        users[name] = user
    handle = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(passwords, file)
    return users


def _datasets() -> dict[str, Dataset]:
    files = {
        "mr150": ("questions/mr150.jsonl", "mr"),
        "en-mr-200": ("parallel/en_mr.jsonl", "mr"),
        "en-ga-60": ("parallel/en_ga.jsonl", "ga"),
    }
    for name, (path, language) in files.items():
        with open_table(settings.FIXTURES / path) as table:
            load_dataset(
                table,
                name=name,
                source_lang="mr" if name == "mr150" else "en",
                target_lang=language,
                licence=LICENCE,
                origin="written for Nikash",
            )
    return {name: Dataset.objects.get(name=name) for name in files}


def _systems() -> dict[str, list[System]]:
    manifest = json.loads((settings.FIXTURES / "models/manifest.json").read_text(encoding="utf-8"))
    base, translator = _checkpoints()
    prompt, _ = PromptTemplate.objects.get_or_create(
        name="Marathi question", defaults={"text": manifest["template"]}
    )
    adapters: list[Adapter | None] = [None]
    for name in ("lora-sentences", "lora-culture"):
        adapters.append(
            register_adapter(
                name=name, checkpoint=base, location=f"{MODELS}/{name}", licence="Apache-2.0"
            )
        )
    answers = [
        register_system(
            name=f"base + {adapter.name}" if adapter else "base",
            backend="huggingface",
            checkpoint=base,
            adapter=adapter,
            template=prompt,
            decoding={"max_new_tokens": 40},
        )
        for adapter in adapters
    ]
    languages = {**manifest["seq2seq"], "max_new_tokens": 48}
    ways: dict[str, dict[str, Any]] = {
        "en-mr greedy": {},
        "en-mr beam 4": {"num_beams": 4},
        "en-mr sampled 0.7": {"do_sample": True, "temperature": 0.7, "seed": 7},
        "en-mr sampled 1.2": {"do_sample": True, "temperature": 1.2, "seed": 7},
    }
    translations = [
        register_system(
            name=name, backend="huggingface", checkpoint=translator, decoding={**languages, **way}
        )
        for name, way in ways.items()
    ]
    return {"answers": answers, "translations": translations}


def _checkpoints() -> tuple[Checkpoint, Checkpoint]:
    kinds = {"base": "causal", "en-mr": "seq2seq", "nli": "classifier"}
    made = {
        name: register_checkpoint(
            name=f"demo {name}",
            location=f"{MODELS}/{name}",
            architecture=kind,
            licence="Apache-2.0",
        )
        for name, kind in kinds.items()
    }
    return made["base"], made["en-mr"]


def _generate(dataset: Dataset, systems: list[System], say: Say) -> None:
    runs = start_generation(systems, dataset, queue=False)
    greedy = [run for run in runs if run.system.checkpoint.architecture == "causal"]
    if greedy:
        generate_together(greedy)
    for run in runs:
        if run not in greedy and run_inline(run).error:
            say(run.error)


def _guidelines() -> None:
    for path in sorted((settings.FIXTURES / "guidelines").glob("*.md")):
        protocol, language = path.stem.split(".")
        Guideline.objects.get_or_create(
            name=protocol,
            version=1,
            language=language,
            defaults={"text": path.read_text(encoding="utf-8")},
        )


def _campaign(name: str, dataset: Dataset, protocol: str, systems: list[System], **fields: Any):
    campaign, is_new = Campaign.objects.get_or_create(
        name=name,
        defaults={
            "dataset": dataset,
            "protocol": protocol,
            "guideline": protocol,
            "seed": 2024,
            **fields,
        },
    )
    if is_new:
        campaign.systems.set(systems)
    return campaign


def _finished_campaigns(
    datasets: dict[str, Dataset], systems: dict[str, list[System]], people: dict[str, Any], say: Say
) -> list[Campaign]:
    shared = {"origin": Campaign.Origin.SIMULATED, "batch_size": 50}
    campaigns = [
        _campaign(
            "Marathi answers: base or LoRA?",
            datasets["mr150"],
            "questionnaire",
            systems["answers"][:2],
            raters_per_item=3,
            **shared,
        ),
        _campaign(
            "English to Marathi, four ways of decoding",
            datasets["en-mr-200"],
            "sqm",
            systems["translations"],
            options={"scale": "translation"},
            raters_per_item=2,
            **shared,
        ),
    ]
    for campaign in campaigns:
        add_member(campaign=campaign, user=people["researcher"], role="researcher")
        if campaign.state == Campaign.State.CLOSED:
            continue
        say(f"Simulating ratings of {campaign.name!r} ...")
        open_campaign(campaign, despite_leaks_by=people["researcher"])
        campaign.refresh_from_db()
        simulate(campaign, _raters(campaign.raters_per_item))
        close_campaign(campaign)
    return campaigns


def _raters(n: int) -> list[SimulatedRater]:
    severities, noises = (0.0, 0.08, -0.05), (0.08, 0.12, 0.1)
    return [
        SimulatedRater(f"S{number + 1}", 100 + number, severities[number], noises[number])
        for number in range(n)
    ]


def _open_campaigns(
    datasets: dict[str, Dataset], systems: dict[str, list[System]], people: dict[str, Any]
) -> None:
    answers = [systems["answers"][0], systems["answers"][1]]
    campaigns = [
        _campaign("Which answer is better?", datasets["mr150"], "sidebyside", answers),
        _campaign("Cultural relevance", datasets["mr150"], "questionnaire", answers),
        _campaign(
            "Translations from 0 to 6",
            datasets["en-mr-200"],
            "sqm",
            systems["translations"][:2],
            options={"scale": "translation"},
        ),
        _campaign(
            "Errors in translations",
            datasets["en-mr-200"],
            "mqm",
            systems["translations"][:2],
            options={"tree": "core", "leaves": "mr"},
        ),
        _campaign("Errors and a score", datasets["en-mr-200"], "esa", systems["translations"][:2]),
    ]
    for campaign in campaigns:
        if campaign.state == Campaign.State.DRAFT:
            open_campaign(campaign, despite_leaks_by=people["researcher"])
        add_member(campaign=campaign, user=people["researcher"], role="researcher")
        add_member(campaign=campaign, user=people["annotator"], role="annotator")


def _measure(campaign: Campaign, say: Say) -> None:
    if fresh_report(campaign):
        return
    say(f"Computing metrics and the report of {campaign.name!r} ...")
    for job in (
        create_run(dataset=campaign.dataset, campaign=campaign, metrics=METRICS),
        open_report(campaign)[0],
    ):
        if (done := run_inline(job)).error:
            say(done.error)
