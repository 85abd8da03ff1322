"""Celery's doors to the models room."""

from celery import shared_task

from models_app import jobs
from models_app.corpora.reports import make_report
from models_app.generation import generate_outputs
from models_app.models import CorpusReport, GenerationRun

generation = jobs.job_task(GenerationRun)(generate_outputs)
corpus_report = jobs.job_task(CorpusReport)(make_report)


@shared_task
def requeue_lost_jobs() -> None:
    jobs.requeue_lost()
