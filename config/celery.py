"""The door for workers: `celery -A config worker --beat`."""

import os

from celery import Celery

from models_app.playground.limits import QUEUE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("nikash")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_routes = {"models_app.playground.*": {"queue": QUEUE}}
app.autodiscover_tasks()
