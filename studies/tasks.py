"""Celery's door to the studies."""

from models_app import jobs
from studies.models import Study
from studies.running import run_study

study_task = jobs.job_task(Study)(run_study)
