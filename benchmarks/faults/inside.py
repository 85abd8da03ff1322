"""What the drills do and count inside a site's own Django; all answers are plain values."""

from __future__ import annotations

import time
from typing import Any


def campaign(n_items: int, n_people: int, raters: int, *, draft: bool = False) -> dict[str, Any]:
    """An open campaign and its annotators, or a draft and its admins: keys and sessions."""
    import contextlib
    import io
    import json

    from benchmarks.load import campaign as load

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        load.make(n_items, n_people, raters)
    made = json.loads(out.getvalue())
    if draft:
        made["draft"] = _draft(raters)
        made["admins"] = [_admin(n) for n in range(n_people)]
    return made


def _draft(raters: int) -> int:
    from annotation.models import Campaign

    opened = Campaign.objects.get(name="load")
    made = Campaign.objects.create(
        name="draft",
        dataset=opened.dataset,
        protocol="sqm",
        guideline="sqm",
        raters_per_item=raters,
    )
    made.systems.set(opened.systems.all())
    return made.pk


def _admin(n: int) -> str:
    from django.test import Client

    from annotation.accounts import create_account

    client = Client()
    client.force_login(create_account(username=f"admin-{n}", role="admin", password="load-load-9"))
    return client.cookies["sessionid"].value


def generation(n_segments: int, seconds_each: float, name: str = "slow") -> int:
    """Queue a slow generation; the run's key."""
    from models_app.checkpoints import register_system
    from models_app.generation import start_generation
    from models_app.models import Dataset, Segment

    dataset = Dataset.objects.create(name=name, source_lang="en", target_lang="mr")
    Segment.objects.bulk_create(
        Segment(dataset=dataset, key=f"g{n}", position=n, source=f"Word {n} of many")
        for n in range(n_segments)
    )
    decoding = {"seconds_per_text": seconds_each}
    system = register_system(name=name, backend="echo", decoding=decoding)
    return start_generation([system], dataset)[0].pk


def ask(n: int, every: float, seconds_each: float = 0.0) -> list[float]:
    """Ask for n small generations, one after another; the seconds each asking took."""
    took = []
    for number in range(n):
        began = time.monotonic()
        generation(4, seconds_each, f"asked-{number}")
        took.append(round(time.monotonic() - began, 2))
        time.sleep(every)
    return took


def generated(run: int) -> dict[str, Any]:
    """Of one run: texts that are missing, wrong or double, and how it ended."""
    from collections import Counter

    from models_app.models import GenerationRun, Output

    row = GenerationRun.objects.get(pk=run)
    outputs = Output.objects.filter(system=row.system)
    texts = dict(outputs.values_list("segment", "text"))
    expected = {s.pk: " ".join(reversed(s.source.split())) for s in row.dataset.segments.all()}
    double = Counter(outputs.values_list("segment", flat=True))
    return {
        "state": row.state, "error": row.error, "tries": row.tries,
        "wanted": len(expected), "stored": sum(texts.get(k) == v for k, v in expected.items()),
        "doubled": sum(n > 1 for n in double.values()),
    }  # fmt: skip


def scoring(n_segments: int, metrics: str) -> int:
    """Queue automatic metrics over a dataset of its own; the run's key."""
    from common.text import text_hash
    from metrics.scoring import create_run
    from metrics.tasks import scoring_task  # noqa: F401 - registers the task
    from models_app.jobs import enqueue
    from models_app.models import Dataset, Output, Segment, System

    dataset = Dataset.objects.create(name="scored", source_lang="en", target_lang="mr")
    segments = Segment.objects.bulk_create(
        Segment(dataset=dataset, key=f"c{n}", position=n, source=f"The dog ran {n} times.",
                references=[f"कुत्रा {n} वेळा धावला आणि थांबला."])
        for n in range(n_segments)
    )  # fmt: skip
    for name in ("first", "second"):
        system = System.objects.create(name=f"scored {name}")
        Output.objects.bulk_create(
            Output(system=system, segment=segment, text=text, text_hash=text_hash(text))
            for n, segment in enumerate(segments)
            for text in [f"कुत्रा {n % (7 if name == 'first' else 11)} वेळा धावला."]
        )
    run = create_run(dataset=dataset, metrics=metrics.split(","))
    enqueue(run)
    return run.pk


def scored() -> list[Any]:
    """Every stored value with what it stands for, in an order that no run changes."""
    from metrics.models import MetricScore, SegmentScore

    whole = MetricScore.objects.values_list("metric", "system_id", "corpus")
    each = SegmentScore.objects.values_list("metric", "output_id", "value")
    return sorted([str(part) for part in row] for rows in (whole, each) for row in rows)


def score_again() -> list[Any]:
    """Forget all values, compute them undisturbed in this process, and give them."""
    from metrics.models import MetricScore, ScoringRun, SegmentScore
    from metrics.tasks import scoring_task  # noqa: F401 - registers the work
    from models_app.jobs import run_inline

    MetricScore.objects.all().delete()
    SegmentScore.objects.all().delete()
    old = ScoringRun.objects.latest("pk")
    run = ScoringRun.objects.create(dataset=old.dataset, metrics=old.metrics, options=old.options)
    run_inline(run)
    return scored()


def claims(run: int, n: int) -> int:
    """How many of n threads at once may do the job; one, if all is well."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from django.db import connection

    from models_app.models import GenerationRun

    gate = Barrier(n)

    def claim(number: int) -> bool:
        gate.wait()
        try:
            return GenerationRun.objects.claim(run, f"thread-{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(n) as pool:
        return sum(pool.map(claim, range(n)))


def resumed(run: int) -> dict[str, Any]:
    """Go on with a generation that failed, as the button does, and do it here."""
    from models_app.jobs import resume, run_inline
    from models_app.models import GenerationRun

    row = GenerationRun.objects.get(pk=run)
    resume(row)
    run_inline(row)
    return generated(run)


def report() -> int:
    """Queue the report of the campaign under load as it is now; the run's key."""
    from annotation.models import Campaign
    from metrics.reporting import open_report
    from metrics.tasks import report_task  # noqa: F401 - registers the task
    from models_app.jobs import enqueue

    run, _ = open_report(Campaign.objects.get(name="load"))
    enqueue(run)
    return run.pk


def package(kind: str) -> int:
    """Queue a package of that report; its key."""
    from annotation.models import Campaign
    from metrics.packages.making import open_package, package_version
    from metrics.reporting import fresh_report
    from metrics.tasks import package_task  # noqa: F401 - registers the task
    from models_app.jobs import enqueue

    campaign = Campaign.objects.get(name="load")
    run = fresh_report(campaign)
    assert run is not None
    version = package_version(campaign, run, kind)
    made, _ = open_package(campaign, kind, version, with_excluded=False, created_by=None)
    enqueue(made)
    return made.pk


def packed(pk: int) -> str:
    """What is wrong with a package's file, or with what lies beside it; empty where nothing is."""
    import zipfile

    from metrics.models import Package
    from metrics.packages.files import folder, is_there, path_of

    made = Package.objects.get(pk=pk)
    if not is_there(made):
        return f"{made.state}: {made.error}"
    with zipfile.ZipFile(path_of(made)) as file:
        if bad := file.testzip():
            return f"{bad} is broken"
    left = [path.name for path in folder().glob(".*")]
    return f"left behind: {left}" if left else ""
