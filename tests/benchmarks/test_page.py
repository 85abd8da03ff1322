"""The page about speed: made of made-up figures, with every benchmark on it, and what failed."""

import json
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks import page
from benchmarks.__main__ import run
from benchmarks.drawing import axis, svg
from benchmarks.listing import LIST, Benchmark, chosen
from benchmarks.recording import Plot, Record, merged
from benchmarks.targets import TARGETS, Target, growth
from benchmarks.wording import duration, number, unit_for

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "benchmarks"
TOOLS = {"__main__", "page"}  # what runs benchmarks is none


def kept(record: Record | None = None, **other: Any) -> dict[str, Any]:
    """What is kept of a run."""
    return {
        "name": "annotate_loop",
        "size": "quick",
        "command": "python -m benchmarks.annotate_loop",
        "date": "2026-11-21T10:00+00:00",
        "seconds": 90.0,
        "failure": "",
        "machine": {"processor": "a | b", "cores": "2"},
        "versions": {"Django": "5.2"},
        "commit": "0123456789",
        "others": 2.0,
        "record": json.loads(json.dumps(record.__dict__, default=lambda part: part.__dict__))
        if record
        else None,
    } | other


def loop(milliseconds: float) -> Record:
    record = Record("The loop", "python -m benchmarks.annotate_loop", notes=["a <b> note"])
    name = "CPU for a loop: Nikash sqlite, 100 annotators, 20 s thinking"
    record.add(name, [milliseconds, milliseconds - 1, milliseconds + 1], "ms", ratio=8.4512,
               against="pearmut")  # fmt: skip
    record.plots.append(Plot("Memory", "minutes", "MB", {"sqlite": [(0, 80), (1, 81)]}))
    return record


def runnable() -> set[str]:
    """The modules and packages of benchmarks that are programs of their own."""
    modules = {
        path.stem for path in HERE.glob("*.py") if '__name__ == "__main__"' in path.read_text()
    }
    return (modules | {path.parent.name for path in HERE.glob("*/__main__.py")}) - TOOLS


def test_every_benchmark_is_in_the_list_and_every_one_listed_is_there():
    assert {one.module for one in LIST} == runnable()


def test_names_and_titles_are_given_once():
    assert len({one.name for one in LIST}) == len({one.title for one in LIST}) == len(LIST)


@pytest.mark.parametrize("one", LIST, ids=lambda one: one.name)
def test_the_options_of_the_list_are_those_of_the_module(one: Benchmark):
    path = HERE / f"{one.module}.py"
    text = (path if path.exists() else HERE / one.module / "__main__.py").read_text()
    asked = {word for size in ("quick", "full") for word in one.options(size) if word[:2] == "--"}
    assert [word for word in {*asked, "--json"} if f'"{word}"' not in text] == []


def test_targets_are_of_benchmarks_that_are_listed():
    assert {target.benchmark for target in TARGETS} <= {one.name for one in LIST}


def test_the_page_in_the_documents_names_every_benchmark():
    text = page.OUT.read_text(encoding="utf-8")
    assert [one.name for one in LIST if f"`{one.name}`" not in text] == []


def test_a_page_of_figures(tmp_path: Path):
    folder, out = tmp_path / "kept", tmp_path / "docs" / "benchmarks.md"
    folder.mkdir()
    (folder / "annotate_loop.json").write_text(json.dumps(kept(loop(4.2))), encoding="utf-8")
    page.write_page(folder, out)
    text = out.read_text(encoding="utf-8")
    assert "| ≤ 6 ms | 4.2 (3.2–5.2) ms | met | quick | 2026-11-21 |" in text
    assert "| Nikash sqlite | 100 | 20 s | 4.2 (3.2–5.2) | 8.45 | 3 |" in text
    assert "| 2026-11-21 10:00 UTC | 0123456789 | quick | 90 s | 2 % |" in text
    assert "commit 0123456789, quick size, took 90 s;" in text
    assert "a \\| b" in text and "- a &lt;b> note" in text
    assert "(images/bench-annotate_loop-1.svg)" in text and "busy" not in text
    assert ET.parse(out.parent / "images" / "bench-annotate_loop-1.svg").getroot() is not None
    assert f"Not run: {', '.join(one.name for one in LIST if one.name != 'annotate_loop')}." in text


def test_a_plot_of_before_goes(tmp_path: Path):
    old = tmp_path / "images" / "bench-gone-1.svg"
    old.parent.mkdir()
    old.touch()
    page.write_page(tmp_path, tmp_path / "benchmarks.md")
    assert not old.exists()


def test_a_target_missed_a_busy_machine_and_a_failure_are_told():
    text = page.page({"annotate_loop": kept(loop(6.1), others=80.0)})
    assert "| 6.1 (5.1–7.1) ms | **missed**, on a busy machine |" in text
    assert "The machine was busy" in text and "**80 %: busy**" in text
    text = page.page({"annotate_loop": kept(failure="it ended with status 1\nno port")})
    assert "**Failed:** [annotate_loop](#the-annotators-loop-under-load)." in text
    assert "it ended with status 1\nno port" in text and "| **benchmark failed** |" in text


def test_of_two_machines_each_is_told_with_what_it_ran():
    other = kept(loop(4), machine={"processor": "another", "cores": "4"})
    text = page.page({"annotate_loop": kept(loop(4)), "soak": other})
    assert "Of annotate_loop:" in text and "Of soak:" in text


def test_a_benchmark_that_fails_leaves_no_old_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("benchmarks.machine.LOOK", 0.05)
    (tmp_path / "agreement.json").write_text("old", encoding="utf-8")
    result = run(Benchmark("agreement", "agreement", "", quick="--nonsense"), "quick", tmp_path)
    assert "status 2" in result["failure"] and "--nonsense" in result["failure"]
    assert json.loads((tmp_path / "agreement.json").read_text())["record"] is None


def test_each_round_is_run_and_a_failure_ends_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    told = iter([("", 1.0), ("", 5.0), ("it ended with status 1", None)])

    def ran(_benchmark: Benchmark, _size: str, figures: Path, _log: Path) -> str:
        failure, value = next(told)
        if value is not None:
            record = Record("", "")
            record.add("home", [value], "ms")
            record.write(figures)
        return failure

    monkeypatch.setattr("benchmarks.machine.LOOK", 0.05)
    monkeypatch.setattr("benchmarks.__main__._ran", ran)
    result = run(Benchmark("scale", "scale", "", rounds=(2, 1)), "quick", tmp_path)
    [home] = result["record"]["figures"]
    assert (result["failure"], home["median"], home["n"]) == ("", 3, 2)
    result = run(Benchmark("scale", "scale", "", rounds=(2, 1)), "quick", tmp_path)
    assert (result["failure"], result["record"]) == ("it ended with status 1", None)


def test_only_some_are_chosen_and_a_wrong_name_is_told():
    assert [one.name for one in chosen("fuzz, scale")] == ["fuzz", "scale"]
    assert chosen("") == list(LIST)
    with pytest.raises(ValueError, match="no benchmark speed; write annotate_loop, "):
        chosen("speed")


def test_growth_is_between_the_smallest_and_the_largest_of_the_same_thing():
    sizes = {"home, 1,000 outputs": 9, "home, 100,000 outputs": 11, "live, 1,000 outputs": 40}
    assert growth([{"name": name, "median": value} for name, value in sizes.items()]) == 2


def test_a_limit_missed_by_little_is_told_with_the_digit_that_misses():
    text = page.page({"annotate_loop": kept(loop(6.0049))})
    assert "| 6.005 (5–7) ms | **missed** |" in text


def test_how_long_everything_takes_is_told_where_everything_was_run():
    every = {one.name: kept(name=one.name, seconds=60.0) for one in LIST}
    assert f"small enough for a laptop: {len(LIST)} minutes\n" in page.page(every)
    every.popitem()
    assert "small enough for a laptop\n" in page.page(every)


def test_a_run_too_short_gives_no_verdict():
    target = Target("", "soak", "", 1, only_full=True)
    assert target.verdict(0.5, "quick") == "too short to tell"
    assert target.verdict(0.5, "full") == "met"
    assert Target("", "soak", "", 1, at_least=True).verdict(0.5, "full") == "**missed**"


def test_a_loss_is_better_told_by_versus():
    record = Record("", "")
    record.versus("sum", [1.0, 2.0, 3.0], [10.0, 20.0, 30.0], "s", "plain code")
    ours, theirs = record.figures
    assert (ours.ratio, ours.against, theirs.name) == (10, "plain code", "sum: plain code")


@pytest.mark.parametrize(
    ("value", "told"),
    [(0, "0"), (0.0001234, "0.000123"), (1.5, "1.5"), (12.345, "12.3"), (99.99, "100"),
     (1234.5, "1,234"), (1_000_000, "1,000,000"), (-3.14159, "-3.14"), (math.nan, "not defined")],
)  # fmt: skip
def test_numbers_have_three_digits_that_count(value: float, told: str):
    assert number(value) == told


def test_few_seconds_have_a_smaller_unit():
    assert unit_for("CPU s", 0.00003) == ("CPU µs", 1_000_000)
    assert (unit_for("s", 0.05), unit_for("s", 0.1)) == (("ms", 1000), ("s", 1))
    assert unit_for("MiB", 0.01) == ("MiB", 1)
    assert [duration(s) for s in (11.4, 150, 9000)] == ["11 s", "2 minutes", "2.5 hours"]


def test_axes_begin_at_nothing_or_at_a_decade():
    assert axis([3, 47], log=False).ticks == [0, 10, 20, 30, 40, 50]
    assert axis([1000, 1_000_000], log=True).ticks == [1e3, 1e4, 1e5, 1e6]
    assert axis([5, 5], log=True).share(10) == 1
    assert axis([0, 0], log=False).ticks[0] == 0


def test_rounds_become_one_record():
    rounds = [{"figures": [], "notes": ["a"], "plots": [n]} for n in (1, 2)]
    for one, value, ratio in zip(rounds, (1.0, 4.0), (2.0, None), strict=True):
        record = Record("", "")
        record.add("home", [value, value], "ms", ratio=ratio)
        one["figures"] = [figure.__dict__ for figure in record.figures]
    over = merged(rounds)
    [home] = over["figures"]
    assert (home["median"], home["low"], home["high"], home["n"]) == (2.5, 1, 4, 4)
    assert (home["ratio"], over["notes"], over["plots"]) == (2, ["a"], [2])


def test_bars_have_names_numbers_and_our_colour():
    plot = Plot("CPU", "platform", "ms", {}, bars={"Nikash": (5, 4, 6), "other": (20, 20, 20)})
    root = ET.fromstring(svg(plot))
    space = "{http://www.w3.org/2000/svg}"
    assert {"Nikash", "other", "5", "20"} <= {part.text for part in root.iter(f"{space}text")}
    _paper, ours, theirs = root.iter(f"{space}rect")
    assert float(theirs.get("width", 0)) == pytest.approx(4 * float(ours.get("width", 0)), abs=0.2)
    assert ours.get("fill") != theirs.get("fill")


def test_a_plot_has_labels_and_every_line_and_leaves_out_what_a_log_scale_cannot_hold():
    plot = Plot("A & B", "people", "ms", {"ours": [(0, 1), (1, 2), (10, 20)], "none": []}, log=True)
    root = ET.fromstring(svg(plot))
    space = "{http://www.w3.org/2000/svg}"
    texts = [part.text for part in root.iter(f"{space}text")]
    assert {"A & B", "people, logarithmic", "ms, logarithmic", "ours"} <= set(texts)
    assert "none" not in texts and len(list(root.iter(f"{space}circle"))) == 2
    assert re.search("nothing was measured", svg(Plot("", "", "", {})))
