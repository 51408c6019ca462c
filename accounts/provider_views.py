"""To an OpenID Connect provider and back: allauth's views, which would break when it is away or talks nonsense."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

import requests
from allauth.socialaccount.providers.openid_connect import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _

from analyticbot.core.address import client_network
from analyticbot.core.ratelimit import Limit, take_or_refuse

logger = logging.getLogger(__name__)
BY_ADDRESS = Limit("provider-address", 30, 60)
View = Callable[..., HttpResponse]


def _explained(view: View) -> View:
    """The view, with a page in place of a crash."""

    @wraps(view)
    def answer(request: HttpRequest, provider_id: str) -> HttpResponse:
        # Each makes us ask the provider.
        take_or_refuse(BY_ADDRESS, key=client_network(request), message=_("Too many attempts. Try again in a minute."))
        try:
            return view(request, provider_id)
        # What the provider sends is read without asking whether it has the right shape.
        except (requests.RequestException, KeyError, TypeError, ValueError) as error:
            logger.warning("the provider %s cannot be used: %s", provider_id, type(error).__name__)
            return render(request, "socialaccount/authentication_error.html", status=HTTPStatus.BAD_GATEWAY)

    return answer


urlpatterns = [
    path("<slug:provider_id>/login/", _explained(views.login), name="openid_connect_login"),
    path("<slug:provider_id>/login/callback/", _explained(views.callback), name="openid_connect_callback"),
]
