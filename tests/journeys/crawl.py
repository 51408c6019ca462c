"""All pages of the product.

`PAGES` is held against the URL configuration: an address that is neither a page nor in `NO_PAGES` fails a test.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from django.urls import resolve

# The owner of a workspace, somebody not signed in, and a visitor of the public demo.
Who = Literal["owner", "nobody", "visitor"]
CHANNEL = "/app/channels/@qulay_savdo/"


@dataclass(frozen=True, slots=True)
class Page:
    """An address with `{names}` of things of the world; who looks; the status it answers with."""

    address: str
    who: Who = "owner"
    status: int = 200

    @property
    def route(self) -> str:
        """As the URL configuration has it."""
        path = re.sub(r"\{(\w+)\}", lambda hole: _SAMPLES.get(hole[1], _ID), self.address.partition("?")[0])
        return resolve(path).route

    def __str__(self) -> str:
        return self.address if self.status == 200 else f"{self.status} {self.address}"


# Of the form that the converters of the addresses want.
_ID = "00000000-0000-4000-8000-000000000000"
_SAMPLES = {"reset_key": "1-abc", "mail_key": "abc:def", "post": "1", "key": "1"}
SHARED = "/s/{shared}/"

PAGES = (
    Page("/", "nobody"),
    Page("/account/login/", "nobody"),
    Page("/account/signup/", "nobody"),
    Page("/account/password/reset/", "nobody"),
    Page("/account/password/reset/done/", "nobody"),
    Page("/account/password/reset/key/done/", "nobody"),
    Page("/account/password/reset/key/{reset_key}/", "nobody"),
    Page("/account/confirm-email/", "nobody"),
    Page("/account/confirm-email/{mail_key}/", "nobody"),
    Page("/account/inactive/", "nobody"),
    Page("/account/confirm/"),
    Page("/account/sessions/"),
    Page("/account/factors/app/remove/"),
    Page("/account/factors/codes/"),
    Page("/account/factors/codes/new/"),
    Page("/account/factors/keys/add/"),
    Page("/account/factors/keys/{key}/name/"),
    Page("/account/factors/keys/{key}/remove/"),
    Page("/account/known/{admission}/", "nobody"),
    Page("/account/known/nothing/", "nobody", status=404),
    Page("/account/providers/"),
    Page("/account/providers/login/cancelled/", "nobody"),
    Page("/account/password/change/"),
    Page("/account/email/"),
    Page("/account/logout/"),
    Page("/account/"),
    Page("/account/security/"),
    Page("/account/data/"),
    Page("/account/data/erase/"),
    Page("/account/erasure/{erasure}/", "nobody"),
    Page("/account/erasure/nothing/", "nobody", status=404),
    Page("/privacy/", "nobody"),
    Page("/terms/", "nobody"),
    Page("/cookies/", "nobody"),
    Page("/account/workspace/"),
    Page("/account/workspaces/"),
    Page("/account/invitation/{invitation}/", "nobody"),
    Page("/account/invitation/nothing/", "nobody", status=404),
    Page("/account/people/"),
    Page("/account/tokens/"),
    Page("/account/plan/"),
    Page("/app/"),
    Page("/app/compare/"),
    Page("/app/compare/?channels=@qulay_savdo,@boshqa_tomon"),
    Page("/app/exports/"),
    Page("/app/import/"),
    Page(CHANNEL),
    Page(f"{CHANNEL}?period=all"),
    Page("/app/channels/@growing_history/"),
    Page("/app/channels/@no_such_channel_at_all/"),
    Page(f"{CHANNEL}growth/"),
    Page(f"{CHANNEL}posts/"),
    Page(f"{CHANNEL}posts/?period=28d&weekday=3&media=video"),
    Page(f"{CHANNEL}timing/"),
    Page(f"{CHANNEL}content/"),
    Page(f"{CHANNEL}trending/"),
    Page(f"{CHANNEL}sources/"),
    Page(f"{CHANNEL}audience/"),
    Page(f"{CHANNEL}changes/"),
    Page(f"{CHANNEL}posts/{{post}}/"),
    Page(f"{CHANNEL}now/"),
    Page("/app/", "visitor"),
    Page(CHANNEL, "visitor"),
    Page("/app/search/?q=narxi"),
    Page("/app/tags/?channels=@qulay_savdo"),
    Page(f"{CHANNEL}notes/"),
    Page(f"{CHANNEL}notes/add/"),
    Page(f"{CHANNEL}notes/{{note}}/"),
    Page(f"{CHANNEL}report/"),
    Page(f"{CHANNEL}media-kit/"),
    Page("/app/reports/"),
    Page("/app/reports/new/"),
    Page("/app/reports/branding/"),
    Page("/app/reports/saved/{schedule}/"),
    Page("/app/reports/saved/{schedule}/preview/"),
    Page("/reports/stop/{stop}/", "nobody"),
    Page("/reports/confirm/{confirm}/", "nobody"),
    Page("/app/shared/"),
    Page("/app/shared/new/"),
    Page("/app/shared/{link}/"),
    Page(SHARED, "nobody"),
    Page(f"{SHARED}growth/", "nobody"),
    Page(f"{SHARED}posts/", "nobody"),
    Page(f"{SHARED}embed/", "nobody"),
    Page("/s/{locked}/", "nobody"),
    Page("/s/nothing/", "nobody", status=404),
    Page("/app/nothing/", status=404),
)

# Addresses that are no page of ours, by what they are instead.
NO_PAGES = {
    "for machines": {
        "health/live",
        "health/ready",
        "metrics",
        "csp-report/",
        "api/schema/",
        "s/embed.js",
        "account/telegram/app/",
    },
    "a file or a picture": {
        "app/channels/<str:name>/<str:section>/files/<str:what>.<str:form>",
        "s/<str:token>/<str:section>/files/<str:name>.<str:form>",
        "account/data/archives/<uuid:public_id>/",
        "s/<str:token>/badge.svg",
        "s/<str:token>/og.png",
    },
    "a mail, in a frame of its preview": {"app/reports/saved/<uuid:public_id>/preview/mail/"},
    "made by others: Swagger UI": {"api/docs/"},
    "takes a form and leads to a page": {
        "i18n/setlang/",
        "account/workspace/<uuid:public_id>/",
        "account/workspace/offer/",
        "account/workspace/offer/end/",
        "account/workspace/offer/accept/",
        "account/workspace/delete/",
        "account/workspaces/<uuid:public_id>/leave/",
        "account/workspaces/<uuid:public_id>/restore/",
        "account/people/<int:pk>/role/",
        "account/people/<int:pk>/remove/",
        "account/people/invited/<uuid:public_id>/again/",
        "account/people/invited/<uuid:public_id>/withdraw/",
        "account/code/",
        "account/factors/telegram/",
        "account/telegram/disconnect/",
        "account/security/staff/",
        "account/factors/rule/",
        "account/sessions/end/",
        "account/sessions/<int:pk>/end/",
        "account/data/archives/<uuid:public_id>/remove/",
        "preferences/theme/",
        "app/add/",
        "app/exports/<uuid:public_id>/remove/",
        "app/tracked/<int:pk>/remove/",
        "account/tokens/end-all/",
        "account/tokens/<int:pk>/end/",
        "app/channels/<str:name>/media-kit/file/",
        "app/channels/<str:name>/notes/<uuid:public_id>/remove/",
        "app/first-steps/hide/",
        "app/reports/files/<uuid:public_id>/remove/",
        "app/reports/mails/<uuid:public_id>/repeat/",
        "app/reports/saved/<uuid:public_id>/<str:act>/",
        "app/segments/",
        "app/segments/<uuid:public_id>/",
        "app/segments/<uuid:public_id>/remove/",
        "app/shared/<uuid:public_id>/password/",
        "app/shared/<uuid:public_id>/revoke/",
        "app/shared/<uuid:public_id>/rotate/",
        "app/tags/change/",
        "app/tags/put/",
        "demo/leave/",
    },
    "there is one only with a bot, or with a provider": {
        "account/providers/login/error/",
        "account/telegram/",
        "account/telegram/back/<str:state>/",
        "account/oidc/<slug:provider_id>/login/",
        "account/oidc/<slug:provider_id>/login/callback/",
    },
    "a part of a page": {
        "account/data/progress/",
        "app/exports/progress/",
        "app/import/progress/",
        "app/palette/",
        "app/palette/posts/",
        "app/reports/progress/",
        "app/tracked/<int:pk>/",
        "app/tracked/<int:pk>/collecting/",
    },
    "leads to another page": {
        "account/reauthenticate/",
        "account/factors/",
        "account/factors/reauthenticate/",
        "account/factors/keys/",
        "account/factors/keys/sign-in/",
        # Only in the middle of signing in.
        "account/factors/sign-in/",
        # Only for who comes from Telegram, or from a provider.
        "account/telegram/connect/",
        "account/providers/signup/",
        # For who has no app, and the owner has one.
        "account/factors/app/add/",
        "demo/",
        "account/password/set/",
        "account/login/code/confirm/",
    },
    "of no room: whatever else begins with /api/": {"api/(?P<rest>.*)$"},
}


@cache
def script(name: str) -> str:
    """The text of a script: `inspect` is ours, `axe` the one of axe-core."""
    if name == "axe":
        import axe_playwright_python

        return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    return (Path(__file__).parent / f"{name}.js").read_text()
