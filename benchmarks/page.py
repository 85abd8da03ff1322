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
from benchmarks.listing import LIST, Benchmark
from benchmarks.machine import BUSY, ROOT
from benchmarks.recording import Plot
from benchmarks.targets import NOT_MEASURED, TARGETS, Target
from benchmarks.wording import cell, duration, number, table, unit_for

FOLDER = ROOT / "var" / "benchmarks"
OUT = ROOT / "docs" / "benchmarks.md"
HEAD = """\
# How fast

What `make bench` measured; do not edit, it is made anew by each run. Anybody can repeat it:

```
make bench                              # every benchmark, small enough for a laptop
make bench SIZE=full                    # all sizes, peers and hours: some hours on a quiet machine
make bench ONLY=annotate_loop,scale     # some of them; the others keep their figures
.venv/bin/python -m benchmarks.page     # this page again, of the figures that are kept
```

Each table has the median, the least and the most of n measurements. *Times better* is how often
ours goes into what it is compared with in the same run; for sizes that follow each other, 1 is
growth in proportion, and more than 1 is less growth than that. Seconds belong to the machine;
ratios travel. CPU is processor time, which does not hang on who else uses the machine.
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
    lines = [HEAD, *_summary(results), *_machines(results)]
    for benchmark in LIST:
        lines += _section(benchmark, results.get(benchmark.name))
    return "\n".join(lines).rstrip() + "\n"


def _summary(results: dict[str, Result]) -> list[str]:
    rows = [_kept(target, results.get(target.benchmark)) for target in TARGETS]
    lines = ["## Targets\n", *table(["What", "Target", "Measured", "Verdict", "Size"], rows), ""]
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
    told = NOT_MEASURED if value is None else f"{number(value)} {target.unit}".strip()
    what = f"[{target.what}](#{anchor(target.benchmark)})"
    return [what, target.said, told, verdict, size]


def anchor(name: str) -> str:
    """Of a benchmark's heading, as GitHub makes it."""
    title = next(one.title for one in LIST if one.name == name)
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


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
    lines += ["```", result["command"].replace("python", ".venv/bin/python", 1), "```\n"]
    lines.append(f"`{benchmark.name}`, {_when(result)}")
    if result["failure"]:
        lines += ["**It failed:**\n", "```text", result["failure"].replace("```", "'''"), "```\n"]
    if result["record"]:
        lines += _figures(result["record"]["figures"])
        lines += [f"- {cell(note)}" for note in result["record"]["notes"]]
        lines += [""] if result["record"]["notes"] else []
        for n, plot in enumerate(plots_of(result), 1):
            lines.append(
                f"![{plot.title}: {plot.y} by {plot.x}](images/{_image(benchmark.name, n)})\n"
            )
    return lines


def _when(result: Result) -> str:
    """Date, commit, duration, and a warning where others used the machine."""
    commit = f"commit {result['commit']}, " if result["commit"] else ""
    text = (
        f"{result['date'][:16].replace('T', ' ')} UTC, {commit}{result['size']} size, "
        f"took {duration(result['seconds'])}; others used {result['others']:.0f} % of the "
        "processors."
    )
    if result["others"] > BUSY:
        text += " **The machine was busy: trust CPU and ratios, not seconds and percentiles.**"
    return text + "\n"


def _figures(figures: list[dict[str, Any]]) -> list[str]:
    rows = []
    for one in figures:
        unit, times = unit_for(one["unit"], one["median"])
        median, low, high = (number(one[key] * times) for key in ("median", "low", "high"))
        spread = f"{low}–{high}" if one["n"] > 1 else ""
        ratio = "" if one["ratio"] is None else number(one["ratio"])
        cells = [cell(one["name"]), median, spread, str(one["n"]), unit]
        rows.append([*cells, ratio, cell(one["against"])])
    head = ["What", "Median", "Least–most", "n", "Unit", "Times better", "than"]
    return [*table(head, rows), ""]


if __name__ == "__main__":
    main()
