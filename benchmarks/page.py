"""Make docs/benchmarks.md, with its plots, of the figures that are kept.

    python -m benchmarks.page [--folder var/benchmarks] [--out docs/benchmarks.md]

Nothing is run. A benchmark that has not been run, or that failed, is on the page as such.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from benchmarks.drawing import svg
from benchmarks.listing import FULL, LIST, QUICK, Benchmark
from benchmarks.machine import BUSY, ROOT
from benchmarks.recording import Plot
from benchmarks.tables import spread, tables
from benchmarks.targets import NOT_MEASURED, TARGETS, Figures, Target
from benchmarks.wording import cell, duration, number, table

FOLDER = ROOT / "var" / "benchmarks"
OUT = ROOT / "docs" / "benchmarks.md"
HEAD = """\
# How fast

What `make bench` measured; do not edit, it is made anew by each run. Anybody can repeat it:

```
make bench                              # every benchmark, small enough for a laptop{quick}
make bench SIZE=full                    # all sizes, peers and an hour under load{full}
make bench ONLY=annotate_loop,scale     # some of them; the others keep their figures
.venv/bin/python -m benchmarks.page     # this page again, of the figures that are kept
```

How to read a number: `4.5 (4.4–4.8)` is the median, with the least and the most of *n*
measurements; a number alone was measured once or was always the same. Less is better, except in
columns marked ↑. CPU is processor time, which hangs little on who else uses the machine; p95 is the
95th percentile. Seconds belong to the machine; ratios travel. For sizes that follow each other, 1
is growth in proportion, and more than 1 is less growth than that.
"""
Result = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    print(write_page(given.folder, given.out))


def write_page(folder: Path, out: Path = OUT) -> Path:
    """The page and its plots beside it in `images`; plots of before go."""
    results = read(folder)
    images = out.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    for old in images.glob("bench-*.svg"):
        old.unlink()
    for name, drawing in drawings(results).items():
        (images / name).write_text(drawing, encoding="utf-8")
    out.write_text(page(results), encoding="utf-8")
    return out


def read(folder: Path) -> dict[str, Result]:
    """The name of each benchmark that has been run, to what is kept of it."""
    paths = {one.name: folder / f"{one.name}.json" for one in LIST}
    return {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name, path in paths.items()
        if path.exists()
    }


def plots_of(result: Result) -> list[Plot]:
    return [Plot(**plot) for plot in (result["record"] or {}).get("plots", [])]


def drawings(results: dict[str, Result]) -> dict[str, str]:
    """The files' names to what is in them."""
    return {
        _image(name, n): svg(plot)
        for name, result in results.items()
        for n, plot in enumerate(plots_of(result), 1)
    }


def _image(name: str, n: int) -> str:
    return f"bench-{name}-{n}.svg"


def page(results: dict[str, Result]) -> str:
    """All of it, in Markdown."""
    head = HEAD.format(quick=_took(results, QUICK), full=_took(results, FULL))
    lines = [head, *_summary(results), *_dates(results), *_machines(results)]
    for benchmark in LIST:
        lines += _section(benchmark, results.get(benchmark.name))
    return "\n".join(lines).rstrip() + "\n"


def _summary(results: dict[str, Result]) -> list[str]:
    rows = [_kept(target, results.get(target.benchmark)) for target in TARGETS]
    columns = ["What", "Target", "Measured", "Verdict", "Size", "When"]
    lines = ["## Targets\n", *table(columns, rows), ""]
    failed = [f"[{name}](#{anchor(name)})" for name, result in results.items() if result["failure"]]
    missing = [one.name for one in LIST if one.name not in results]
    if failed:
        lines.append(f"**Failed:** {', '.join(failed)}.\n")
    if missing:
        lines.append(f"Not run: {', '.join(missing)}.\n")
    return lines


def _kept(target: Target, result: Result | None) -> list[str]:
    figures = ((result and result["record"]) or {}).get("figures", [])
    value = target.measured(figures)
    size = result["size"] if result else ""
    verdict = target.verdict(value, size)
    if result and result["failure"]:
        verdict = "**benchmark failed**" if value is None else f"{verdict}; **benchmark failed**"
    if result and value is not None and result["others"] > BUSY:
        verdict += ", on a busy machine"
    what = f"[{target.what}](#{anchor(target.benchmark)})"
    date = result["date"][:10] if result else ""
    return [what, target.said, _measured(target, figures, value), verdict, size, date]


def _measured(target: Target, figures: Figures, value: float | None) -> str:
    """The value with its spread; one digit more where it looks like a limit that it is not."""
    if value is None:
        return NOT_MEASURED
    worst = target.worst(figures)
    text = spread(worst) if worst else number(value)
    if number(value) == number(target.limit) and value != target.limit:
        text = text.replace(number(value), f"{value:.4g}", 1)
    return f"{text} {target.unit}".strip()


def anchor(name: str) -> str:
    """Of a benchmark's heading, as GitHub makes it."""
    title = next(one.title for one in LIST if one.name == name)
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _took(results: dict[str, Result], size: str) -> str:
    """How long everything took at that size, where all of it was run."""
    seconds = [one["seconds"] for one in results.values() if one["size"] == size]
    return f": {duration(sum(seconds))}" if len(seconds) == len(LIST) else ""


def _dates(results: dict[str, Result]) -> list[str]:
    """How old the figures of each benchmark are, and of which commit."""
    head = ["Benchmark", "Measured", "Commit", "Size", "Took", "Others used"]
    rows = [
        [
            f"[{one.title}](#{anchor(one.name)})", _moment(result), result["commit"],
            result["size"], duration(result["seconds"]), _busy(result),
        ]
        for one in LIST if (result := results.get(one.name))
    ]  # fmt: skip
    return ["## What was measured when\n", *table(head, rows), ""] if rows else []


def _moment(result: Result) -> str:
    return f"{result['date'][:16].replace('T', ' ')} UTC"


def _busy(result: Result) -> str:
    text = f"{result['others']:.0f} %"
    return f"**{text}: busy**" if result["others"] > BUSY else text


def _machines(results: dict[str, Result]) -> list[str]:
    """Each machine with the benchmarks that it ran, where there is more than one."""
    seen: dict[str, tuple[Result, list[str]]] = {}
    for name, result in results.items():
        what = json.dumps([result["machine"], result["versions"]])
        seen.setdefault(what, (result, []))[1].append(name)
    lines = ["## Machine and versions\n"]
    for result, names in seen.values():
        if len(seen) > 1:
            lines.append(f"Of {', '.join(names)}:\n")
        rows = [[name, cell(value)] for name, value in result["machine"].items()]
        libraries = ", ".join(f"{name} {value}" for name, value in result["versions"].items())
        lines += [*table(["What", ""], [*rows, ["libraries", libraries]]), ""]
    return lines


def _section(benchmark: Benchmark, result: Result | None) -> list[str]:
    lines = [f"## {benchmark.title}\n"]
    if result is None:
        return [
            *lines,
            f"`{benchmark.name}` has not been run: `make bench ONLY={benchmark.name}`\n",
        ]
    lines.append(f"`{benchmark.name}`, {_when(result)}")
    if result["failure"]:
        lines += ["**It failed:**\n", "```text", result["failure"].replace("```", "'''"), "```\n"]
    if result["record"]:
        lines += tables(benchmark.name, result["record"]["figures"])
        lines += [f"- {cell(note)}" for note in result["record"]["notes"]]
        lines += [""] if result["record"]["notes"] else []
        for n, plot in enumerate(plots_of(result), 1):
            lines.append(
                f"![{plot.title}: {plot.y} by {plot.x}](images/{_image(benchmark.name, n)})\n"
            )
    command = result["command"].replace("python", ".venv/bin/python", 1)
    make = f"make bench ONLY={benchmark.name} SIZE={result['size']}"
    return [*lines, "Again, or one round of it without keeping its figures:\n",
            "```", make, command, "```\n"]  # fmt: skip


def _when(result: Result) -> str:
    """Date, commit, duration, and a warning where others used the machine."""
    commit = f"commit {result['commit']}, " if result["commit"] else ""
    text = (
        f"{_moment(result)}, {commit}{result['size']} size, "
        f"took {duration(result['seconds'])}; others used {result['others']:.0f} % of the "
        "processors."
    )
    if result["others"] > BUSY:
        text += " **The machine was busy: trust CPU and ratios, not seconds and percentiles.**"
    return text + "\n"


if __name__ == "__main__":
    main()
