"""Benchmarks through the harness: the catalogue, a real run on the demo's model, resuming."""

import json
from typing import Any

import pytest

from common.errors import BadInput, NikashError
from models_app import jobs
from models_app.benchmarks import harness
from models_app.benchmarks.answers import KeptAnswers
from models_app.benchmarks.catalogue import task_called, tasks
from models_app.benchmarks.running import start_benchmarks
from models_app.benchmarks.sources import data_of, read_rows
from models_app.checkpoints import register_adapter, register_system
from models_app.jobs import run_inline
from models_app.models import BenchmarkItem, BenchmarkRun, Job, System
from tests.models_app.small_models import LANGUAGES, MODELS, registered
from tests.people import small_dataset

SAMPLE = BenchmarkRun.Source.SAMPLE


def tuned() -> System:
    base = registered()
    adapter = register_adapter(
        name="lora", checkpoint=base, location=str(MODELS / "lora-sentences")
    )
    return register_system(name="tuned", backend="huggingface", checkpoint=base, adapter=adapter)


def plain() -> System:
    return register_system(name="plain", backend="huggingface", checkpoint=registered())


def done(system: System, task: str, **settings: Any) -> BenchmarkRun:
    [run] = start_benchmarks([system], [task], settings=settings, queue=False).runs
    return run_inline(run)


def test_every_task_has_its_file_its_look_alike_and_a_licence():
    assert len(tasks()) >= 20
    on_disk = {path.stem for path in task_called("arc_mr").path.parent.glob("*.yaml")}
    assert on_disk == set(tasks())
    for task in tasks().values():
        assert data_of(task, SAMPLE).rows
        assert task.licence and task.citation
        assert bool(task.labels) == task.gives_labels


def test_the_task_files_name_the_data_of_the_catalogue():
    yaml = pytest.importorskip("yaml")
    for task in tasks().values():
        told = yaml.safe_load(task.path.read_text(encoding="utf-8"))
        assert told["task"] == task.name
        if task.hub is None:
            continue
        options = told.get("dataset_kwargs", {})
        assert told["dataset_path"] == task.hub["path"]
        assert told.get("dataset_name", "") == task.hub["name"]
        assert options.get("revision", "") == task.hub["revision"]
        assert list(options.get("data_files", {}).values()) == [*filter(None, [task.hub["files"]])]


@pytest.mark.parametrize("name", sorted(tasks()))
def test_every_task_renders_its_look_alike(name):
    pytest.importorskip("lm_eval", reason="lm-eval is not installed; run `make install-train`")
    from lm_eval.tasks import TaskManager

    task = task_called(name)
    rows = data_of(task, SAMPLE).rows[:4]
    config = harness._config(task, rows, False)
    made = TaskManager(include_defaults=False).load([config])["tasks"][name]
    for doc in made.eval_docs:
        assert made.doc_to_text(doc) or task.family == "XNLI"
        assert made.doc_to_target(doc) not in (None, "")
        if task.gives_labels:
            choices = made.doc_to_choice(doc)
            assert len(set(choices)) == len(choices) <= len(task.labels)
            assert 0 <= int(made.doc_to_target(doc)) < len(choices)


def test_an_unknown_task_names_the_known_ones():
    with pytest.raises(BadInput, match=r"no benchmark task 'arc_gu'; known: arc_challenge"):
        task_called("arc_gu")


def test_a_file_without_the_columns_is_refused(tmp_path):
    file = tmp_path / "items.jsonl"
    file.write_text(json.dumps({"frage": "?"}) + "\n", encoding="utf-8")
    with pytest.raises(BadInput, match="lack the column instruction"):
        data_of(task_called("arc_mr"), "file", str(file))


def test_a_line_that_is_no_object_is_named(tmp_path):
    file = tmp_path / "items.jsonl"
    file.write_text('{"a": 1}\n[2]\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"items.jsonl, row 2: this line is no JSON object"):
        read_rows(file)


def test_data_on_no_hub_say_what_to_do():
    with pytest.raises(BadInput, match="are on no hub; download them from their authors"):
        data_of(task_called("loresmt_en_ga"), "hub")


def test_without_a_network_the_hub_gives_a_sentence():
    pytest.importorskip("datasets")
    with pytest.raises(NikashError, match="could not be fetched from allenai/ai2_arc"):
        data_of(task_called("arc_easy"), "hub")


@pytest.mark.django_db
def test_who_gives_no_probabilities_is_refused():
    dataset = small_dataset()
    imported = System.objects.create(name="imported")
    assert dataset
    with pytest.raises(BadInput, match="is no local model"):
        start_benchmarks([imported], ["arc_mr"])
    translator = register_system(
        name="en-mr", backend="huggingface", checkpoint=registered("en-mr"), decoding=LANGUAGES
    )
    with pytest.raises(BadInput, match="only turns one text into another"):
        start_benchmarks([translator], ["arc_mr"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "said"),
    [({"shots": -1}, "shots is -1"), ({"batch_size": 0}, "batch_size is 0"), ({"x": 1}, "no ben")],
)
def test_settings_out_of_range_are_refused(given, said):
    with pytest.raises(BadInput, match=said):
        start_benchmarks([plain()], ["arc_mr"], settings=given)


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
class TestRealRuns:
    @pytest.fixture(autouse=True)
    def engine(self, settings, tmp_path):
        pytest.importorskip("lm_eval", reason="lm-eval is not installed; run `make install-train`")
        settings.DATA_DIR = tmp_path

    def test_choices_are_stored_with_their_probabilities(self):
        run = done(plain(), "arc_mr", limit=6)
        assert (run.state, run.error) == (Job.State.DONE, "")
        items = list(run.items.all())
        assert [item.position for item in items] == list(range(6))
        assert items[0].key == "k001" and items[0].prompt.startswith("प्रश्न: ")
        right = [float(item.target == item.prediction) for item in items]
        assert right == [item.metrics["acc"] for item in items]
        by_length = [float(item.target == item.metrics["prediction_norm"]) for item in items]
        assert by_length == [item.metrics["acc_norm"] for item in items]
        assert all(len(item.metrics["log_likelihoods"]) == 4 for item in items)
        assert run.results["acc,none"] == pytest.approx(sum(right) / 6)
        assert {"lm-eval", "transformers"} <= set(run.environment["versions"])
        assert len(run.environment["prompts"]["sha256"]) == 64
        assert run.data_hash == data_of(task_called("arc_mr"), SAMPLE).content_hash

    def test_a_run_that_stopped_goes_on_and_a_finished_one_is_given_back(self, monkeypatch):
        system = tuned()
        asked: list[int] = []
        monkeypatch.setattr(KeptAnswers, "forget", lambda self: None)
        keep = KeptAnswers.keep

        def stop_after_the_first(self: KeptAnswers, answers: dict[str, Any]) -> None:
            keep(self, answers)
            asked.append(len(answers))
            if len(asked) == 1:
                raise jobs.Cancelled

        monkeypatch.setattr(KeptAnswers, "keep", stop_after_the_first)
        run = done(system, "arc_mr", limit=10)
        assert run.state == Job.State.CANCELLED and not run.items.exists()
        jobs.resume(run)
        run = run_inline(BenchmarkRun.objects.get(pk=run.pk))
        assert run.state == Job.State.DONE
        assert asked == [32, 8] and run.items.count() == 10
        again = start_benchmarks([system], ["arc_mr"], settings={"limit": 10})
        assert (again.runs, again.done) == ([], [run])

    def test_the_base_is_not_the_adapter(self):
        runs = [done(plain(), "loresmt_en_mr", limit=3), done(tuned(), "loresmt_en_mr", limit=3)]
        texts = [list(run.items.values_list("response", flat=True)) for run in runs]
        assert texts[0] != texts[1]

    def test_a_translator_is_given_the_bare_source(self):
        system = register_system(
            name="en-mr", backend="huggingface", checkpoint=registered("en-mr"), decoding=LANGUAGES
        )
        run = done(system, "loresmt_en_mr", limit=3)
        assert (run.state, run.error) == (Job.State.DONE, "")
        first = BenchmarkItem.objects.filter(run=run).first()
        assert first.prompt == data_of(task_called("loresmt_en_mr"), SAMPLE).rows[0]["source"]
        assert first.response and first.references == [first.target]

    def test_a_chat_template_that_is_missing_is_a_sentence(self):
        run = done(plain(), "arc_mr", limit=2, chat=True)
        assert run.error == "the model's tokenizer has no chat template; start without it"
