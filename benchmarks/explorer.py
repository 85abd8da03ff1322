"""Time the explorer on a made-up study: its table once, then every kind of choice on the page.

    python -m benchmarks.explorer [--systems 4] [--segments 5000] [--raters 2] [--json FILE]

The study is that of benchmarks.report, in a database that is thrown away.  The page's times are of
the whole request in one process, without a network; the first one also reads the table.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.recording import Record
from benchmarks.report import django_in, made_up

ASKED = (
    "",
    "metric=chrf",
    "quadrant=only+metric+high",
    "cause=length",
    "cause=none&direction=under",
    "domain=domain+1&system=system+01",
    "length=long&least=0.5",
    "metric=ter&quadrant=only+people+high&cause=raters&sort=-gap",
    "sort=place&page=400",
)
REPEATS = 9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", type=int, default=4)
    parser.add_argument("--segments", type=int, default=5000)
    parser.add_argument("--raters", type=int, default=2)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    record = Record("The explorer's page", "python -m benchmarks.explorer")
    size = {name: getattr(given, name) for name in ("systems", "segments", "raters")}
    with tempfile.TemporaryDirectory() as folder:
        django_in(folder)
        campaign = made_up("large", **size)
        known, made = _table(campaign)
        _pages(campaign, known, made, record)
    record.write(given.json)


def _table(campaign: Any) -> tuple[Any, float]:
    """What a report keeps for the explorer, and the seconds that making it takes."""
    from metrics.explorer import keep_outputs, newest_table, outputs_of
    from metrics.models import ReportRun

    run = ReportRun.objects.create(campaign=campaign, data_version="made up", state="done")
    start = time.perf_counter()
    keep_outputs(run)
    made = time.perf_counter() - start
    table = newest_table(campaign)
    assert table is not None
    start = time.perf_counter()
    known = outputs_of(table)
    print(f"table of {len(known)} outputs: {made:.1f} s, {len(bytes(table.content)) / 1e6:.1f} MB")
    print(f"read: {1000 * (time.perf_counter() - start):.0f} ms")
    return known, made


def _pages(campaign: Any, known: Any, made: float, record: Record) -> None:
    """Median and longest time of each choice, in milliseconds."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.http import QueryDict
    from django.test import Client, override_settings
    from django.urls import reverse

    from metrics.explorer import chosen, filter_from

    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client()
    client.force_login(get_user_model().objects.create(username="ada", is_staff=True))
    address = reverse("metrics:outputs", args=[campaign.pk])
    with override_settings(ALLOWED_HOSTS=["*"]):
        client.get(address)  # templates
        for query in ASKED:
            times = []
            for _ in range(REPEATS):
                start = time.perf_counter()
                answer = client.get(f"{address}?{query}")
                times.append(1000 * (time.perf_counter() - start))
                assert answer.status_code == 200, answer.status_code
            n = len(chosen(known, filter_from(QueryDict(query))))
            record.add(
                f"{len(known):,} outputs, {query or 'all'}", times, "ms",
                ratio=1000 * made / statistics.median(times), against="making the table anew",
            )  # fmt: skip
            print(
                f"{statistics.median(times):6.0f} {max(times):6.0f} ms  {n:6}  {query or '(all)'}"
            )


if __name__ == "__main__":
    main()
