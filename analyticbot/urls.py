"""All mounted doors."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from analyticbot.celery import app as celery_app

# Loaded with the doors: services ring through the current Celery application.
celery_app.set_default()

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.account.urls")),
    path("api/", include("analyticbot.api")),
]
if find_spec("analytics.urls"):
    urlpatterns.append(path("app/", include("analytics.urls")))
