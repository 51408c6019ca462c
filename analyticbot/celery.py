"""The Celery application: queues `default`, `sync` and `statistics`; tasks are found in each app's `tasks.py`."""

import os

from celery import Celery

from analyticbot.core import task_metrics

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "analyticbot.settings")

app = Celery("analyticbot")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
task_metrics.connect()
