"""Tables for papers: LaTeX that compiles as it stands, Parquet with types and the recipe."""

import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from metrics.analyses.settings import Settings
from metrics.models import Package, ReportRun
from metrics.reporting import FORMATS, report_files, tables_zip
from metrics.reports.latex import escaped, table_latex, tables_latex
from metrics.reports.paper import SHAPES, shape_of
from metrics.reports.parquet import tables_parquet
from metrics.reports.payload import build_payload
from metrics.reports.schema import columns, schema, tables
from metrics.reports.version import data_version
from models_app.jobs import run_inline
from tests import people
from tests.metrics.studies import N_SEGMENTS, scored, study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=100, permutations=100)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


_made: dict[str, Any] = {}


@pytest.fixture
def payload() -> dict[str, Any]:
    """Of a campaign that is gone again; made for the first test, and only read."""
    if not _made:
        _made.update(report())
    return _made


@pytest.fixture
def stored() -> dict[str, Any]:
    """Of a campaign that is there."""
    return report()


def report() -> dict[str, Any]:
    campaign = study(systems=("base_8%", "lora & co", "third"))
    scored(campaign, ["bleu", "ter"])
    return build_payload(campaign, settings=FAST)


def columns_of(line: str) -> int:
    return len(re.split(r"(?<!\\)&", line))


def test_every_table_has_as_many_cells_as_columns_and_closes_what_it_opens(payload: Any) -> None:
    made = tables_latex(payload)
    assert set(made) == {f"{name}.tex" for name in tables(payload) if payload[name]}
    for name, text in made.items():
        plain = re.sub(r"\\[{}]", "", text)
        assert plain.count("{") == plain.count("}"), name
        (environment,) = set(re.findall(r"\\begin\{(table|longtable)\}", text))
        assert f"\\end{{{environment}}}" in text
        (spec,) = re.findall(r"\\begin\{(?:tabular|longtable)\}\{([lr]+)\}", text)
        rows = [line for line in text.splitlines() if re.search(r"(?<!\\)&.*\\\\$", line)]
        assert rows and {columns_of(line) for line in rows} == {len(spec)}, name
        for line in rows:
            assert not re.match(r"\s*[\[*]", line), "LaTeX would take this for an option of the row"
        assert "\\caption{" in text and "\\label{tab:judged-" in text


def test_a_table_of_systems_reads_as_a_paper_prints_it(payload: Any) -> None:
    text = table_latex(payload, "systems")
    first = payload["systems"][0]
    numbers = [f"{first[name]:.2f}" for name in ("score", "low", "high")]
    cell = f"{numbers[0]} {{[}}{numbers[1]}, {numbers[2]}{{]}}"
    assert f"{escaped(first['system'])} & {cell} & " in text
    assert r"lora \& co" in text and r"base\_8\%" in text
    assert f"n = {N_SEGMENTS} segments, 2 annotators, 72 ratings." in text
    assert r"Intervals: 95\%, 100 resamples; permutations: 100; seed 12345." in text


def test_a_number_that_is_not_defined_is_a_dash_with_its_reason(payload: Any) -> None:
    row = payload["systems"][1] | {"score": None, "low": None, "high": None, "reason": "no rating"}
    text = table_latex(payload | {"systems": [row]}, "systems")
    assert r"--\textsuperscript{a}" in text
    assert r"\footnotesize\textsuperscript{a} no rating} \\" in text


def test_signatures_stand_under_tables_of_metrics_alone(payload: Any) -> None:
    signature = escaped(payload["metrics"][0]["signature"])
    made = tables_latex(payload)
    assert signature in made["pairs.tex"]
    assert signature not in made["systems.tex"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50% & #1_{a}", r"50\% \& \#1\_\{a\}"),
        ("\\end{document}", r"\textbackslash{}end\{document\}"),
        ("[x] *", "{[}x{]} {*}"),
        ("a\nb\t c\x07", "a b c"),
        ("a--b", "a-{}-b"),
        ("~^<>|\"`", r"\textasciitilde{}\textasciicircum{}\textless{}\textgreater{}"
         r"\textbar{}\symbol{34}{`}"),
        ("\\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a\u202eb^^41", r"a\textless{}U+202E\textgreater{}b\textasciicircum{}"
         r"\textasciicircum{}41"),
        ("मराठी", "मराठी"),
        ("क्\u200dष", "क्\u200dष"),
    ],
)  # fmt: skip
def test_text_is_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_small_p_values_and_negative_numbers(payload: Any) -> None:
    row = payload["pairs"][0] | {"human_p_adjusted": 0.0002, "human_delta": -0.5}
    row |= {"human_low": -0.75, "human_high": 0.001}
    line = table_latex(payload | {"pairs": [row]}, "pairs")
    assert "$-$0.500 {[}$-$0.750, 0.001{]} & $<$0.001" in line


def test_a_long_table_breaks_over_pages(payload: Any) -> None:
    assert len(payload["disagreements"]) > 40
    assert r"\begin{longtable}" in table_latex(payload, "disagreements")


def test_shapes_name_columns_that_tables_have() -> None:
    for name, shape in SHAPES.items():
        named = {c for column in shape.columns for c in (column.name, column.low, column.high)}
        assert named - {""} <= set(columns(name)), name


def test_every_table_has_a_shape_and_every_interval_stands_beside_its_value() -> None:
    tables_there = {
        name for name, spec in schema()["properties"].items()
        if spec.get("type") == "array" and "properties" in spec.get("items", {})
    } - {"metrics"}  # fmt: skip
    for name in tables_there:
        shape = shape_of(name)
        assert shape.caption and shape.columns
        names = [column.name for column in shape.columns]
        assert not any(column.endswith(("_low", "_high")) or column == "low" for column in names)


def test_parquet_has_types_and_the_recipe(payload: Any) -> None:
    made = tables_parquet(payload)
    assert set(made) == {f"{name}.parquet" for name in tables(payload)}
    table = pyarrow.parquet.read_table(io.BytesIO(made["systems.parquet"]))
    assert table.column_names == columns("systems")
    assert table.to_pylist() == payload["systems"]
    kinds = {field.name: str(field.type) for field in table.schema}
    assert (kinds["score"], kinds["n_segments"], kinds["is_human"]) == ("double", "int64", "bool")
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert metadata["campaign"] == "judged"
    assert json.loads(metadata["generated_with"]) == payload["generated_with"]
    gaps = pyarrow.parquet.read_table(io.BytesIO(made["disagreements.parquet"]))
    assert gaps["pair"].to_pylist() == [row["pair"] for row in payload["disagreements"]]


@pytest.mark.parametrize("kind", ["csv", "latex", "parquet"])
def test_the_same_report_makes_the_same_bytes(payload: Any, kind: str) -> None:
    assert tables_zip(payload, kind) == tables_zip(payload, kind)


def test_without_pyarrow_a_sentence_says_what_to_install(
    stored: Any, monkeypatch: pytest.MonkeyPatch, client: Client, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    report_files(stored, [name for name in FORMATS if name != "parquet"])
    options = {"campaign": "judged", "out": tmp_path, "format": ["parquet"]}
    with pytest.raises(CommandError, match=r"run pip install 'pyarrow>=26,<27'"):
        call_command("report", **options)
    client.force_login(people.alice())
    campaign = ReportRun.objects.get().campaign
    client.get(reverse("metrics:tables", args=[campaign.pk, "parquet"]))
    run_inline(Package.objects.get())
    page = client.get(reverse("metrics:package", args=[campaign.pk, "parquet"]))
    assert "pyarrow, which is not installed" in page.content.decode()


def test_the_command_writes_what_it_is_told(stored: Any, tmp_path: Path) -> None:
    call_command("report", campaign="judged", out=tmp_path, format=["latex", "parquet"])
    endings = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert endings == {".tex", ".parquet"}
    call_command("report", campaign="judged", out=tmp_path / "usual")
    names = {path.name for path in (tmp_path / "usual").iterdir()}
    assert names == {"report.html", "report.json", "tables"}


def test_the_page_offers_and_gives_them(stored: Any, client: Client) -> None:
    client.force_login(people.alice())
    campaign = people.Campaign.objects.get()
    version = data_version(campaign)
    ReportRun.objects.create(
        campaign=campaign, state="done", payload=stored, data_version=version
    )  # fmt: skip
    page = client.get(reverse("metrics:report", args=[campaign.pk])).content.decode()
    for kind, ending in (("csv", ".csv"), ("latex", ".tex"), ("parquet", ".parquet")):
        address = reverse("metrics:tables", args=[campaign.pk, kind])
        assert address in page
        client.get(address)
        run_inline(Package.objects.get(kind=kind))
        answer = client.get(address)
        assert f'filename="judged-report.{kind}.zip"' in answer.headers["Content-Disposition"]
        names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
        assert names and all(name.endswith(ending) for name in names)
