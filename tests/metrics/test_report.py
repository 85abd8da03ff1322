import csv
import io
import json
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from plotly.graph_objects import Figure

from annotation.models import Rating, RatingScore
from metrics.analyses.frame import load_frame
from metrics.analyses.settings import Settings
from metrics.analyses.values import load_values
from metrics.reporting import report_files, tables_zip, write_files
from metrics.reports.display import report_context
from metrics.reports.payload import build_payload
from metrics.reports.schema import check, columns, dumps, schema, schema_text, tables
from metrics.reports.sections import Material, in_order
from metrics.reports.sections.disagreements import disagreement_rows
from metrics.reports.sections.verdicts import verdict_figure
from metrics.reports.tables import table_csv
from metrics.reports.version import data_version
from metrics.reports.words import headline
from tests.metrics.studies import N_SEGMENTS, scored, study

pytestmark = pytest.mark.django_db
FAST = Settings(resamples=200, permutations=500)


def payload_of(campaign, metrics=("bleu", "ter")):
    if metrics:
        scored(campaign, metrics)
    return build_payload(campaign, settings=FAST)


def test_a_report_passes_its_own_schema_and_has_no_nan():
    payload = payload_of(study())
    check(payload)
    json.loads(dumps(payload), parse_constant=pytest.fail)


def test_the_published_schema_is_the_one_in_use(settings):
    published = settings.BASE_DIR / "docs" / "report.schema.json"
    assert published.read_text(encoding="utf-8") == schema_text(), "run bin/publish-schema"


def test_every_row_has_exactly_the_columns_of_the_schema():
    payload = payload_of(study())
    for name in tables(payload):
        assert payload[name], name
        for row in payload[name]:
            assert set(row) == set(columns(name)), name


def test_tables_set_aside_ask_nothing_of_the_database():
    campaign = study(systems=("base", "lora", "third", "fourth"))
    scored(campaign, ("bleu", "chrf"))
    frame = load_frame(campaign)
    material = Material(campaign, frame, load_values(campaign, frame), FAST)
    tables = {n: t for section in in_order() for n, t in section.tables(material).items()}
    aside = [name for section in in_order() for name in section.aside]
    assert len(aside) >= 4 and material.contenders

    def computed() -> bool:
        for name in aside:
            tables[name]()
        return connection.connection is None

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(computed).result()


def test_a_cancelled_report_stops_what_was_set_aside():
    class Cancelled(Exception):
        pass

    def report(done: int, total: int, message: str) -> None:
        if done == 2:
            raise Cancelled

    before = threading.active_count()
    with pytest.raises(Cancelled):
        build_payload(study(), settings=FAST, report=report)
    assert threading.active_count() == before


def test_a_database_that_sorts_keys_changes_nothing_in_the_file():
    payload = payload_of(study())
    shuffled = json.loads(json.dumps(payload, sort_keys=True))
    assert dumps(shuffled) == dumps(payload)
    assert list(json.loads(dumps(shuffled)))[:3] == ["schema", "campaign", "dataset"]


def test_a_report_of_an_older_release_is_shown_without_the_newer_sections():
    payload = payload_of(study())
    del payload["correlations"]
    names = [part["name"] for part in report_context(payload)["parts"]]
    assert "correlations" not in names and "verdicts" in names


def test_the_same_data_give_the_same_report():
    campaign = study()
    assert dumps(payload_of(campaign)) == dumps(payload_of(campaign))


def test_a_system_s_score_is_the_mean_over_segments():
    payload = payload_of(study(), metrics=())
    expected = RatingScore.objects.filter(output__system__name="lora").values_list("value")
    mean = sum(value for (value,) in expected) / len(expected)
    row = next(row for row in payload["systems"] if row["system"] == "lora")
    assert row["score"] == pytest.approx(mean)
    assert row["low"] <= row["score"] <= row["high"]
    assert (row["n_segments"], row["n_ratings"]) == (N_SEGMENTS, 2 * N_SEGMENTS)
    assert payload["systems"][0]["system"] == "lora"


def test_people_and_metrics_that_part_are_opposite_whichever_way_a_metric_counts():
    payload = payload_of(study())
    assert {row["metric"]: row["verdict"] for row in payload["pairs"]} == {
        "bleu": "opposite",
        "ter": "opposite",
    }
    ter = next(row for row in payload["pairs"] if row["metric"] == "ter")
    assert ter["metric_delta"] < 0  # base minus lora: fewer edits
    assert (ter["people_say"], ter["metric_says"]) == ("worse", "better")
    assert ter["wins"] + ter["ties"] + ter["losses"] == ter["n"] == N_SEGMENTS


def test_the_headline_says_who_is_preferred_and_who_says_the_opposite():
    sentence = headline(payload_of(study()))
    assert sentence.startswith("People preferred lora over base by ")
    assert sentence.endswith("BLEU and TER say the opposite.")


def test_two_systems_have_no_system_level_correlation_and_the_reason_is_given():
    rows = [r for r in payload_of(study())["correlations"] if r["level"] == "system"]
    assert rows
    for row in rows:
        assert row["value"] is None
        assert row["reason"] == "2 systems with both scores; at least 4 are needed"


def test_four_systems_have_a_system_level_correlation():
    payload = payload_of(study(systems=("a", "b", "c", "d")), metrics=["chrf"])
    rows = [r for r in payload["correlations"] if r["level"] == "system"]
    of_chrf = [row for row in rows if row["metric"] == "chrf"]
    assert [row["n"] for row in of_chrf] == [4, 4, 4]
    assert all(row["value"] == pytest.approx(-1, abs=0.1) for row in of_chrf)


def test_correlations_are_oriented_so_that_both_sides_agree_upwards():
    rows = payload_of(study())["correlations"]
    by_metric = {
        row["metric"]: row["value"]
        for row in rows
        if (row["level"], row["grouping"], row["statistic"]) == ("segment", "item", "kendall_b")
    }
    assert by_metric["bleu"] == by_metric["ter"] == -1


def test_people_s_texts_take_no_part_where_a_metric_is_asked():
    payload = payload_of(study(systems=("a", "b", "ref"), human=("ref",)), metrics=["chrf"])
    with_ref = [row for row in payload["pairs"] if "ref" in (row["system_a"], row["system_b"])]
    assert all(row["metric"] is None and row["reason"] for row in with_ref)
    assert not any("ref" in (row["pair"] or [row["system"]]) for row in payload["disagreements"])
    assert "as people wrote it: ref" in payload["notes"][0]


def test_one_rater_per_item_has_no_agreement_and_the_reason_is_given():
    payload = payload_of(study(raters=("only",)), metrics=())
    reasons = {row["statistic"]: row["reason"] for row in payload["agreement"]}
    assert reasons["krippendorff_alpha"] == "no unit has two ratings"
    assert reasons["pairwise_kappa"].startswith("kappa is for scales of few steps")
    assert all(row["value"] is None for row in payload["agreement"])


def test_a_campaign_without_an_answer_has_a_report_that_says_so():
    campaign = study()
    Rating.objects.update(is_complete=False)
    payload = payload_of(campaign, metrics=["chrf"])
    assert payload["pairs"] == []
    assert {row["reason"] for row in payload["systems"]} == {"no complete rating yet"}
    assert headline(payload) == "No two systems have ratings on the same segments yet."
    report_files(payload)


def test_a_campaign_of_one_segment_has_no_interval_and_no_nan():
    payload = payload_of(study(n_segments=1))
    assert {row["reason"] for row in payload["systems"]} == {"no interval from one segment"}
    json.loads(dumps(payload), parse_constant=pytest.fail)


def test_without_metrics_people_s_pairs_are_still_there():
    payload = payload_of(study(), metrics=())
    assert [row["metric"] for row in payload["pairs"]] == [None]
    assert payload["pairs"][0]["reason"] == "no metric was computed for these outputs"
    assert payload["pairs"][0]["human_p"] < 0.05


def test_the_domains_have_their_own_rows():
    rows = payload_of(study())["pairs_by_domain"]
    assert {row["domain"]: row["n"] for row in rows} == {"health": 6, "news": 6}
    assert all(row["wins"] + row["ties"] + row["losses"] == 6 for row in rows)


def test_disagreements_come_widest_first_and_name_an_output_or_a_pair():
    payload = payload_of(study())
    rows = disagreement_rows(payload, "bleu")
    gaps = [round(abs(row["gap"]), 9) for row in rows]
    assert gaps == sorted(gaps, reverse=True)
    assert all(row["pair"] is None for row in rows)
    assert disagreement_rows(payload, "bleu", "pairs")[0]["pair"] == ["base", "lora"]


def test_the_data_version_changes_with_an_answer_and_with_a_metric():
    campaign = study()
    first = data_version(campaign)
    assert data_version(campaign) == first
    scored(campaign, ["chrf"])
    second = data_version(campaign)
    RatingScore.objects.filter(output__segment__key="s0").first().delete()
    assert len({first, second, data_version(campaign)}) == 3


def drawn(shown):
    """Every figure somewhere inside what a section shows."""
    if isinstance(shown, dict):
        if shown.get("spec"):
            yield shown
        else:
            for value in shown.values():
                yield from drawn(value)
    elif isinstance(shown, list):
        for value in shown:
            yield from drawn(value)


def test_every_figure_is_one_that_plotly_accepts():
    figures = [
        figure for part in report_context(payload_of(study()))["parts"] for figure in drawn(part)
    ]
    assert len({figure["id"] for figure in figures}) == len(figures) >= 6
    for figure in figures:
        text = json.dumps(figure["spec"]).replace("token:good-bg", "#e2f2e8")
        spec = json.loads(text)
        for trace in spec["data"]:
            for stop in trace.get("colorscale", ()):
                stop[1] = "#e2f2e8"
        Figure(spec)


def test_few_pairs_stand_across_and_many_down_with_the_most_contradicted_on_top():
    few = verdict_figure(payload_of(study())["pairs"], {"bleu": "BLEU", "ter": "TER"})
    assert few["data"][0]["x"] == ["base vs. lora"]
    words = ("agree", "opposite", "neither", "only people")
    pairs = [
        {"system_a": "a", "system_b": str(n), "metric": "bleu", "verdict": word}
        for n, word in enumerate(words)
    ]
    many = verdict_figure(pairs, {"bleu": "BLEU"})
    assert many["data"][0]["y"][::-1] == ["a vs. 1", "a vs. 3", "a vs. 0", "a vs. 2"]
    assert [line[0] for line in many["data"][0]["text"]][-1] == "opposite"


def test_an_empty_verdict_figure_is_still_a_figure():
    Figure({"data": [], "layout": verdict_figure([], {})["layout"]})


def test_a_formula_in_a_cell_is_defused_and_numbers_are_not():
    row = dict.fromkeys(columns("annotators"))
    row |= {"annotator": "=1+1", "origin": "@x", "languages": "+mr", "mean": -2.5}
    cells = next(iter(list(csv.reader(io.StringIO(table_csv("annotators", [row]))))[1:]))
    assert cells[:3] == ["'=1+1", "'@x", "'+mr"]
    assert "-2.5" in cells


def test_a_hostile_name_cannot_leave_its_place_in_the_file():
    campaign = study(systems=("base", "</script><script>alert(1)</script>"))
    page = report_files(payload_of(campaign))["report.html"]
    assert "<script>alert" not in page


def test_the_file_asks_no_other_host():
    page = report_files(payload_of(study()))["report.html"]
    markup = page.split("<script>")[0]
    assert "src=" not in markup
    assert "url(" not in markup
    assert "<link" not in markup


def test_files_are_written_whole(tmp_path):
    payload = payload_of(study())
    write_files(report_files(payload), tmp_path / "out")
    names = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*"))
    assert names == sorted(
        ["report.html", "report.json", *(f"tables/{n}.csv" for n in tables(payload))]
    )


def test_the_zip_is_the_same_for_the_same_report():
    payload = payload_of(study())
    assert tables_zip(payload) == tables_zip(payload)
    with zipfile.ZipFile(io.BytesIO(tables_zip(payload))) as archive:
        assert archive.namelist() == [f"{name}.csv" for name in tables(payload)]


def test_the_schema_is_itself_a_schema():
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())
