"""Celery's doors to the models room."""

import contextlib

from celery import shared_task

from common.errors import NikashError
from models_app import jobs
from models_app.benchmarks.running import run_benchmark
from models_app.corpora.reports import make_report
from models_app.corpora.translating import translate
from models_app.energy.tracker import energy_of
from models_app.generation import generate_outputs
from models_app.models import (
    BenchmarkRun,
    CorpusReport,
    CorpusTranslation,
    GenerationRun,
    PlaygroundRequest,
    Sweep,
    TrainingRun,
    Upload,
)
from models_app.playground.answering import answer
from models_app.sweeps.job import run_sweep
from models_app.sweeps.watching import watched
from models_app.training.job import train
from models_app.training.publish import publish_run
from models_app.upload_work import do_upload
from models_app.views import corpora, datasets  # noqa: F401 - make their kinds of files known

generating = energy_of("generation", lambda run: {"generation_run": run})
generation = jobs.job_task(GenerationRun)(generating(generate_outputs))
evaluating = energy_of("evaluation", lambda run: {"subject": f"benchmark: {run}"})
benchmark = jobs.job_task(BenchmarkRun)(evaluating(run_benchmark))
corpus_report = jobs.job_task(CorpusReport)(make_report)
corpus_translation = jobs.job_task(CorpusTranslation)(translate)
training_energy = energy_of("training", lambda run: {"training_run": run})
training = jobs.job_task(TrainingRun)(training_energy(watched(train)))
sweeping = jobs.job_task(Sweep)(run_sweep)
uploading = jobs.job_task(Upload)(do_upload)
playground = jobs.job_task(PlaygroundRequest)(answer)


@shared_task
def publish_training(pk: int, hub_id: str = "") -> None:
    """Publish what a run made; the run's card says where, or why not."""
    with contextlib.suppress(NikashError):
        publish_run(TrainingRun.objects.get(pk=pk), hub_id)


@shared_task
def requeue_lost_jobs() -> None:
    jobs.requeue_lost()
