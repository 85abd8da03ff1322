"""A benchmark's figures as tables: what is a row, what a column, and how a number is told."""

from typing import Any

from benchmarks.listing import LIST
from benchmarks.recording import Record
from benchmarks.tables import SHAPES, tables


def lines(name: str, *figures: tuple[Any, ...], **more: Any) -> list[str]:
    record = Record("", "")
    for figure in figures:
        record.add(*figure, **more)
    return tables(name, [figure.__dict__ for figure in record.figures])


def test_a_page_is_one_row_with_its_sizes_beside_each_other():
    told = lines(
        "scale",
        ("live, polled, 1,000 outputs: queries", [8], "queries"),
        ("live, polled, 1,000 outputs: CPU", [30.0], "ms"),
        ("live, polled, 10,000 outputs: queries", [8], "queries"),
        ("live, polled, 10,000 outputs: CPU", [29.0, 31.0, 30.0], "ms"),
        ("export mtme, 5,000 ratings", [0.5], "s"),
        ("export mtme, 5,000 ratings: memory", [2.5], "MB"),
        ("report, 5,000 ratings: memory", [120.0], "MB"),
    )
    assert told[:5] == [
        "Pages:\n",
        "| page | queries at 1,000 outputs | queries at 10,000 outputs "
        "| CPU at 1,000 outputs (ms) | CPU at 10,000 outputs (ms) | n |",
        "|---|---|---|---|---|---|",
        "| live, polled | 8 | 8 | 30 | 30 (29–31) | 1–3 |",
        "",
    ]
    assert "| mtme | 0.5 | 2.5 | 1 |" in told
    assert told[-3:-1] == ["|---|---|---|", "| report | 120 | 1 |"]


def test_what_it_is_held_against_stands_beside_it():
    record = Record("", "")
    record.versus("BLEU", [0.5], [1.0], "CPU s", "sacreBLEU")
    record.versus("chrF", [0.002], [2.0], "CPU s", "sacreBLEU")
    told = tables("text_metrics", [figure.__dict__ for figure in record.figures])
    assert told == [
        "| what | Nikash | sacreBLEU (CPU s) | times better than sacreBLEU ↑ | n |",
        "|---|---|---|---|---|",
        "| BLEU | 0.5 CPU s | 1 | 2 | 1 |",
        "| chrF | 2 CPU ms | 2 | 1,000 | 1 |",
        "",
    ]


def test_a_ratio_says_than_what_where_the_rows_differ():
    record = Record("", "")
    record.add("a", [1.0], "s", ratio=2, against="b")
    record.add("c", [1.0], "s", ratio=3, against="d")
    told = tables("new", [figure.__dict__ for figure in record.figures])
    assert told[0] == "| what | time (s) | times better ↑ | n |"
    assert told[2:4] == ["| a | 1 | 2 than b | 1 |", "| c | 1 | 3 than d | 1 |"]


def test_a_measure_of_an_unknown_benchmark_is_a_column():
    told = lines("new", ("small: memory", [1.0], "MB"), ("small: time", [2.0], "s"))
    assert told[:3] == ["| what | memory (MB) | time (s) | n |", "|---|---|---|---|",
                        "| small | 1 | 2 | 1 |"]  # fmt: skip


def test_a_load_is_a_row_and_more_loops_are_better():
    load = "potato, 50 annotators, 0 s thinking"
    told = lines(
        "peers",
        (f"CPU for a loop: {load}", [20.0, 21.0, 19.0], "ms"),
        (f"loops a second: {load}", [31.0, 30.0, 32.0], "1/s"),
        (f"save, 95th percentile: {load}", [9.0, 9.0, 9.0], "ms"),
        ("stored twice: potato, 3 kills", [0], ""),
    )
    assert "| potato | 50 | 0 s | 20 (19–21) | 31 (30–32) | 9 | 3 |" in told
    head = "| platform | annotators | thinking | CPU for a loop (ms) | loops a second ↑ |"
    assert any(line.startswith(f"{head} save p95 (ms) | n |") for line in told)
    assert "| potato | 3 | 0 | 1 |" in told


def test_every_shape_is_of_a_benchmark_that_is_listed():
    assert set(SHAPES) <= {one.name for one in LIST}
