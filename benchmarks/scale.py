"""Whether pages, exports and imports cost the same as a site grows: queries, CPU time, memory.

    python -m benchmarks.scale [--outputs 1000 10000 100000] [--ratings 1000000] [--annotators 50]
        [--database sqlite|postgres] [--protocol mqm|esa|sqm] [--json FILE] [--no-exports]

At each size a made-up site is written into a database that is thrown away (for postgres, on the
server that DATABASE_URL names): ten systems, an open campaign, and as many ratings as the largest
size's share of --ratings.  The campaign is opened by the service at sizes up to 10,000 outputs.
Pages are asked for in one process without a network, the second time and after; milliseconds are
CPU time, the median of three.  A page is marked where a larger site costs it more queries, or more
than twice the time and 20 ms.  Exports are downloaded from the campaign's page in a process each:
the seconds until the first byte, in all, and the most memory that the process ever had, beside
that of one that asked for another page.  So is the campaign's report computed, last of them; it is
there as a whole at its end.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.recording import Plot, Record
from benchmarks.scale_site import build, database_url, django_at

REPEATS = 3
REPORT = "report"
OPENED = 10_000  # outputs up to which the service opens the campaign
GROWS, LEAST = 2.0, 20.0  # times, and milliseconds


def main() -> None:
    given = _arguments()
    if given.export:
        django_at(given.url, given.folder)
        with _unserved():
            print(json.dumps(_exported(given.export)))
        return
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(_measured(given, folder)))
        return
    found = {}
    for size in given.outputs:
        options = [f"--{name}={value}" for name, value in _options(given).items()]
        options += ["--no-exports"] if given.no_exports else []
        ratings = max(size, given.ratings * size // max(given.outputs))
        found[size] = _run("--one", str(size), f"--ratings={ratings}", *options)
        print(f"{size} outputs, {ratings} ratings: built in {found[size]['built']:.1f} s")
    record = Record("Costs as a site grows", "python -m benchmarks.scale")
    _tell_pages(found, record)
    _tell_exports(found, record)
    record.write(given.json)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outputs", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--ratings", type=int, default=1_000_000, help="at the largest size")
    parser.add_argument("--annotators", type=int, default=50)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--protocol", choices=("mqm", "esa", "sqm"), default="mqm")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-exports", action="store_true")
    for name in ("--one", "--export", "--url", "--folder"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    return parser.parse_args()


def _options(given: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(given, name) for name in ("annotators", "database", "protocol")}


def _run(*options: str) -> Any:
    """What another process of this module prints last, as JSON."""
    command = [sys.executable, "-m", "benchmarks.scale", *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _measured(given: argparse.Namespace, folder: str) -> dict[str, Any]:
    url = database_url(given.database, folder, f"nikash_scale_{given.one}")
    django_at(url, folder)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    start = time.perf_counter()
    campaign = build(
        int(given.one),
        given.ratings,
        annotators=given.annotators,
        protocol=given.protocol,
        opened=int(given.one) <= OPENED,
    )
    found: dict[str, Any] = {"ratings": given.ratings, "built": time.perf_counter() - start}
    found["pages"] = pages(campaign)
    if not given.no_exports:
        from annotation.exporting import fitting_formats

        asked = (f"--url={url}", f"--folder={folder}")
        found["empty"] = _run("--export", "none", *asked)
        names = [*(name for name, _ in fitting_formats(campaign)), REPORT]
        found["exports"] = {name: _run("--export", name, *asked) for name in names}
    return found


def addresses(campaign: Any) -> dict[str, tuple[str, str]]:
    """Name of a page to who asks for it and where it is."""
    from django.urls import reverse

    here, one = [campaign.pk], campaign.systems.first().pk
    segment = campaign.items.first().segment_id
    read = {
        "home": reverse("home"),
        "campaigns": reverse("annotation:campaign_list"),
        "campaign": reverse("annotation:campaign_detail", args=here),
        "live": reverse("metrics:live", args=here),
        "live, polled": reverse("metrics:live", args=here) + "?part=1",
        "people": reverse("annotation:people"),
        "invitations": reverse("annotation:invitations", args=here),
        "norming": reverse("annotation:norming", args=here),
        "reports": reverse("metrics:report_list"),
        "explorer": reverse("metrics:outputs", args=here),
        "segment": reverse("metrics:segment", args=[campaign.pk, segment]),
        "datasets": reverse("models_app:dataset_list"),
        "dataset": reverse("models_app:dataset_detail", args=[campaign.dataset_id]),
        "dataset, last page": reverse("models_app:dataset_detail", args=[campaign.dataset_id])
        + "?page=last",
        "systems": reverse("models_app:system_list"),
        "system": reverse("models_app:system_detail", args=[one]),
        "runs": reverse("models_app:run_list"),
        "scoring": reverse("metrics:scoring_list"),
    }
    api = "/api/v1/"
    read |= {
        "API: ratings": f"{api}campaigns/{campaign.pk}/ratings/",
        "API: oldest ratings": f"{api}campaigns/{campaign.pk}/ratings/?order=oldest",
        "API: differing items": f"{api}campaigns/{campaign.pk}/norming/",
        "API: live": f"{api}campaigns/{campaign.pk}/live/",
        "API: outputs": f"{api}datasets/{campaign.dataset_id}/outputs/",
        "API: segments": f"{api}datasets/{campaign.dataset_id}/segments/",
    }
    work = {
        "API: own ratings": f"{api}work/{campaign.pk}/ratings/",
        "my work": reverse("annotation:my_work"),
        "next item": reverse("annotation:annotate_next", args=here),
    }
    return {name: ("ada", path) for name, path in read.items()} | {
        name: ("annotator0001", path) for name, path in work.items()
    }


def _unserved() -> Any:
    """Settings with which pages are asked for without a server and its collected files."""
    from django.conf import settings
    from django.test import override_settings

    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    storages = settings.STORAGES | {"staticfiles": plain}
    return override_settings(ALLOWED_HOSTS=["*"], STORAGES=storages)


def _client(who: str) -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model().objects.get(username=who))
    return client


def pages(campaign: Any) -> dict[str, list[float]]:
    """Name of a page to its queries, its milliseconds of CPU and its kilobytes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    clients: dict[str, Any] = {}
    found: dict[str, list[float]] = {}
    with _unserved():
        for name, (who, path) in addresses(campaign).items():
            if who not in clients:
                clients[who] = _client(who)
            times, queries, size = [], 0, 0
            for turn in range(REPEATS + 1):
                with CaptureQueriesContext(connection) as caught:
                    start = time.process_time()
                    answer = clients[who].get(path)
                    seconds = time.process_time() - start
                if answer.status_code not in (200, 302):
                    raise SystemExit(f"{path} answered {answer.status_code}")
                queries, size = len(caught), len(answer.content)
                times += [1000 * seconds] if turn else []
            found[name] = [queries, statistics.median(times), size / 1000]
    return found


def _exported(name: str) -> dict[str, float]:
    """Seconds to the first byte and in all, CPU seconds, bytes and the most MB of one download."""
    from django.urls import reverse

    from annotation.models import Campaign

    campaign, client = Campaign.objects.get(), _client("ada")
    client.get(reverse("home"))
    start, first, n = time.perf_counter(), 0.0, 0
    before = time.process_time()
    if name == REPORT:
        n = _reported(campaign)
        first = time.perf_counter() - start
    elif name != "none":
        answer = client.get(reverse("annotation:campaign_export", args=[campaign.pk, name]))
        if answer.status_code != 200 or not answer.streaming:
            raise SystemExit(f"{name} answered {answer.status_code}, as a whole")
        for piece in answer.streaming_content:
            n += len(piece)
            first = first or (time.perf_counter() - start if n else 0.0)
    seconds = time.perf_counter() - start
    found = {"first": first, "seconds": seconds, "cpu": time.process_time() - before}
    return {**found, "bytes": n, "memory": most_memory()}


def _reported(campaign: Any) -> int:
    """Bytes of the campaign's report."""
    from metrics.reports.payload import build_payload

    return len(json.dumps(build_payload(campaign)))


def most_memory() -> float:
    """MB that this process had at most; getrusage would count what its parent had, too."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def _tell_pages(found: dict[int, Any], record: Record) -> None:
    sizes = sorted(found)
    print(f"\n{'page':20}" + "".join(f"{f'{size:,}':>22}" for size in sizes))
    print(" " * 20 + f"{'queries  CPU ms    kB':>22}" * len(sizes))
    lines: dict[str, list[tuple[float, float]]] = {}
    for name in found[sizes[0]]["pages"]:
        rows = [found[size]["pages"][name] for size in sizes]
        cells = "".join(f"{q:8.0f}{ms:8.1f}{kb:6.0f}" for q, ms, kb in rows)
        print(f"{name:20}{cells}  {'GROWS' if grows(rows) else ''}")
        lines[name] = [(size, row[1]) for size, row in zip(sizes, rows, strict=True)]
        for size, (n, ms, _) in zip(sizes, rows, strict=True):
            record.add(f"{name}, {size:,} outputs: queries", [n], "queries")
            record.add(f"{name}, {size:,} outputs: CPU", [ms], "ms")
    record.plots.append(Plot("CPU of a page", "outputs", "ms", lines, log=True))


def grows(rows: list[list[float]]) -> bool:
    """Whether the largest site costs a page more than the smallest: queries, or time."""
    (few, fast, _), (many, slow, _) = rows[0], rows[-1]
    return many > few or (slow > GROWS * fast and slow - fast > LEAST)


def _tell_exports(found: dict[int, Any], record: Record) -> None:
    sizes = [size for size in sorted(found) if "exports" in found[size]]
    if not sizes:
        return
    print(f"\n{'export':20}" + "".join(f"{found[s]['ratings']:>30,} ratings" for s in sizes))
    print(" " * 20 + f"{'first s   CPU s   per 100k    MB':>38}" * len(sizes))
    lines: dict[str, list[tuple[float, float]]] = {}
    for name in found[sizes[0]]["exports"]:
        cells = ""
        for size in sizes:
            one, n = found[size]["exports"][name], found[size]["ratings"]
            memory = one["memory"] - found[size]["empty"]["memory"]
            each = 100_000 * one["cpu"] / n
            cells += f"{one['first']:13.2f}{one['cpu']:8.1f}{each:11.2f}{memory:6.0f}"
            lines.setdefault(name, []).append((n, memory))
            what = f"{name if name == REPORT else f'export {name}'}, {n:,} ratings"
            record.add(what, [one["seconds"]], "s")
            record.add(f"{what}: CPU of 100,000", [each], "s")
            record.add(f"{what}: memory", [memory], "MB")
        print(f"{name:20}{cells}")
    record.plots.append(Plot("Memory of an export", "ratings", "MB", lines, log=True))


if __name__ == "__main__":
    main()
