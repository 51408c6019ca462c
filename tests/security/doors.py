"""Every address of the product and who may pass it: one line for each, read by `test_matrix.py`.

A line says what stands behind the address and, for each method it answers, what passing needs:

    everybody("GET", "POST")             no row of anybody is behind it, or a key that cannot be guessed opens it
    guests("GET")                        below a shared link: whoever holds its address
    person("GET", "POST")                whoever is signed in, whatever their workspaces
    page(GET=P.CHANNELS_READ)            a page of a workspace: sessions only, by the permission of the role
    api(GET=P.CHANNELS_READ)             the API: sessions and tokens, by role and scopes

Addresses of the SuperAdmin panel need no line: what they need is read from their views (`tier_required`, or the
`look_act` of a list), and the table of tiers says who may.

`of=CHANNEL` and so on names whose ids stand in the address (`worlds.py` fills them in): with the ids of another
workspace it must answer exactly as if there were no such thing. `answers={"POST": 404}` names what passing leads to
where that is one of the codes that otherwise mean a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from accounts.roles import Permission

P = Permission


class Kind(StrEnum):
    """What stands behind an address."""

    EVERYBODY = "everybody"
    GUESTS = "guests"
    PERSON = "person"
    PAGE = "page"
    API = "api"


class Of(StrEnum):
    """Whose ids stand in the address."""

    CHANNEL = "channel"
    NOTE = "note"
    TRACKING = "tracking"
    WORKSPACE = "workspace"
    TOKEN = "token"
    EXPORT = "export"
    REPORT = "report"
    SCHEDULE = "schedule"
    DELIVERY = "delivery"
    SHARE = "share"
    SEGMENT = "segment"
    MEMBER = "member"
    INVITATION = "invitation"
    # Of one person, not of a workspace.
    KEY = "key"
    ARCHIVE = "archive"
    SESSION = "session"


PERSONAL = frozenset({Of.KEY, Of.ARCHIVE, Of.SESSION})


@dataclass(frozen=True, slots=True)
class Door:
    """An address. `needs`: for each method that it answers, the permission; None where being let in is enough."""

    kind: Kind
    needs: Mapping[str, str | None]
    of: Of | None = None
    answers: Mapping[str, int] = field(default_factory=dict)


def everybody(*methods: str) -> Door:
    """Open to everybody."""
    return Door(Kind.EVERYBODY, dict.fromkeys(methods))


def guests(*methods: str) -> Door:
    """Below the address of a shared link."""
    return Door(Kind.GUESTS, dict.fromkeys(methods))


def person(*methods: str, of: Of | None = None, answers: Mapping[str, int] | None = None) -> Door:
    """For whoever is signed in; about themselves."""
    return Door(Kind.PERSON, dict.fromkeys(methods), of, answers or {})


def page(of: Of | None = None, answers: Mapping[str, int] | None = None, **needs: P) -> Door:
    """A page of a workspace."""
    return Door(Kind.PAGE, needs, of, answers or {})


def api(of: Of | None = None, answers: Mapping[str, int] | None = None, **needs: P) -> Door:
    """An address of the API."""
    return Door(Kind.API, needs, of, answers or {})


DOORS: dict[str, Door] = {
    # The machine, and the way in.
    "": everybody("GET"),
    "health/live": everybody("GET"),
    "health/ready": everybody("GET"),
    "metrics": everybody("GET"),
    "csp-report/": everybody("POST"),
    "i18n/setlang/": everybody("POST"),
    "preferences/theme/": everybody("POST"),
    "demo/": everybody("GET"),
    "demo/leave/": everybody("POST"),
    "api/schema/": everybody("GET"),
    "api/docs/": everybody("GET"),
    "api/^(?P<rest>.*)$": everybody(),
    "account/login/": everybody("GET", "POST"),
    "account/logout/": everybody("GET", "POST"),
    "account/inactive/": everybody("GET"),
    "account/signup/": everybody("GET", "POST"),
    "account/confirm-email/": everybody("GET"),
    r"account/^confirm-email/(?P<key>[-:\w]+)/$": everybody("GET", "POST"),
    "account/password/reset/": everybody("GET", "POST"),
    "account/password/reset/done/": everybody("GET"),
    r"account/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": everybody("GET", "POST"),
    "account/password/reset/key/done/": everybody("GET"),
    # Without a sign-in that waits for a code it leads to the sign-in.
    "account/login/code/confirm/": everybody("GET", "POST"),
    "privacy/": everybody("GET"),
    "terms/": everybody("GET"),
    "cookies/": everybody("GET"),
    # Out of mails: the key opens them.
    "account/erasure/<str:token>/": everybody("GET", "POST"),
    "account/known/<str:token>/": everybody("GET", "POST"),
    "account/invitation/<str:secret>/": everybody("GET", "POST"),
    "reports/stop/<str:token>/": everybody("GET", "POST"),
    "reports/confirm/<str:token>/": everybody("GET", "POST"),
    # A person's own.
    "account/code/": everybody("POST"),
    "account/confirm/": person("GET", "POST"),
    "account/reauthenticate/": everybody("GET", "POST"),
    "account/factors/reauthenticate/": everybody("GET", "POST"),
    "account/factors/": everybody("GET", "POST"),
    "account/factors/sign-in/": everybody("GET", "POST"),
    "account/factors/keys/sign-in/": everybody("GET", "POST"),
    "account/factors/telegram/": person("POST"),
    "account/factors/rule/": page(POST=P.WORKSPACE_WRITE),
    "account/factors/app/add/": person("GET", "POST"),
    "account/factors/app/remove/": person("GET", "POST"),
    "account/factors/codes/": person("GET"),
    "account/factors/codes/new/": person("GET", "POST"),
    "account/factors/keys/": everybody("GET", "POST"),
    "account/factors/keys/add/": person("GET", "POST"),
    "account/factors/keys/<int:pk>/name/": person("GET", "POST", of=Of.KEY),
    "account/factors/keys/<int:pk>/remove/": person("GET", "POST", of=Of.KEY),
    "account/email/": person("GET", "POST"),
    "account/password/change/": person("GET", "POST"),
    "account/password/set/": person("GET", "POST"),
    "account/workspace/<uuid:public_id>/": person("POST", of=Of.WORKSPACE),
    # The settings.
    "account/": person("GET", "POST"),
    "account/security/": person("GET"),
    "account/security/staff/": person("POST"),
    "account/sessions/": person("GET"),
    "account/sessions/end/": person("POST"),
    "account/sessions/<int:pk>/end/": person("POST", of=Of.SESSION),
    # Without a provider and an answer of its they lead nowhere.
    "account/oidc/<slug:provider_id>/login/": everybody("GET", "POST"),
    "account/oidc/<slug:provider_id>/login/callback/": everybody("GET"),
    "account/providers/": person("GET", "POST"),
    "account/providers/signup/": everybody("GET", "POST"),
    "account/providers/login/cancelled/": everybody("GET"),
    "account/providers/login/error/": Door(Kind.EVERYBODY, {"GET": None}, answers={"GET": 401}),
    "account/telegram/": everybody("GET"),
    "account/telegram/back/<str:state>/": everybody("GET"),
    "account/telegram/app/": everybody("POST"),
    "account/telegram/connect/": person("GET", "POST"),
    "account/telegram/disconnect/": person("POST"),
    "account/data/": person("GET", "POST"),
    "account/data/progress/": person("GET"),
    # The archive of the made worlds is not made yet.
    "account/data/archives/<uuid:public_id>/": person("GET", of=Of.ARCHIVE, answers={"GET": 404}),
    "account/data/archives/<uuid:public_id>/remove/": person("POST", of=Of.ARCHIVE),
    "account/data/erase/": person("GET", "POST"),
    "account/plan/": page(GET=P.CHANNELS_READ),
    "account/workspace/": page(GET=P.CHANNELS_READ, POST=P.WORKSPACE_WRITE),
    "account/workspace/offer/": page(POST=P.WORKSPACE_OWN),
    # Nobody has offered it.
    "account/workspace/offer/end/": page(POST=P.CHANNELS_READ, answers={"POST": 404}),
    "account/workspace/offer/accept/": page(POST=P.CHANNELS_READ, answers={"POST": 404}),
    "account/workspace/delete/": page(POST=P.WORKSPACE_OWN),
    "account/workspaces/": person("GET", "POST"),
    "account/workspaces/<uuid:public_id>/leave/": person("POST", of=Of.WORKSPACE),
    # It is not deleted.
    "account/workspaces/<uuid:public_id>/restore/": person("POST", of=Of.WORKSPACE, answers={"POST": 404}),
    "account/people/": page(GET=P.MEMBERS_READ, POST=P.MEMBERS_WRITE),
    "account/people/<int:pk>/role/": page(of=Of.MEMBER, POST=P.MEMBERS_WRITE),
    "account/people/<int:pk>/remove/": page(of=Of.MEMBER, POST=P.MEMBERS_WRITE),
    "account/people/invited/<uuid:public_id>/again/": page(of=Of.INVITATION, POST=P.MEMBERS_WRITE),
    "account/people/invited/<uuid:public_id>/withdraw/": page(of=Of.INVITATION, POST=P.MEMBERS_WRITE),
    "account/tokens/": page(GET=P.TOKENS_WRITE, POST=P.TOKENS_WRITE),
    "account/tokens/end-all/": page(POST=P.TOKENS_WRITE),
    "account/tokens/<int:pk>/end/": page(of=Of.TOKEN, POST=P.TOKENS_WRITE),
    # Pages of a workspace.
    "app/": page(GET=P.CHANNELS_READ),
    "app/add/": page(GET=P.CHANNELS_WRITE, POST=P.CHANNELS_WRITE),
    "app/first-steps/hide/": page(POST=P.CHANNELS_WRITE),
    "app/compare/": page(GET=P.ANALYTICS_READ),
    "app/exports/": page(GET=P.ANALYTICS_READ, POST=P.EXPORTS_WRITE),
    "app/exports/progress/": page(GET=P.ANALYTICS_READ),
    "app/exports/<uuid:public_id>/remove/": page(of=Of.EXPORT, POST=P.EXPORTS_WRITE),
    "app/import/": page(GET=P.CHANNELS_WRITE, POST=P.CHANNELS_WRITE),
    "app/import/progress/": page(GET=P.CHANNELS_WRITE),
    "app/tags/": page(GET=P.CHANNELS_READ),
    "app/tags/put/": page(POST=P.CHANNELS_WRITE),
    "app/tags/change/": page(POST=P.CHANNELS_WRITE),
    "app/palette/": page(GET=P.CHANNELS_READ),
    "app/palette/posts/": page(GET=P.ANALYTICS_READ),
    "app/search/": page(GET=P.ANALYTICS_READ),
    "app/segments/": page(POST=P.SEGMENTS_WRITE),
    "app/segments/<uuid:public_id>/": page(of=Of.SEGMENT, POST=P.SEGMENTS_WRITE),
    "app/segments/<uuid:public_id>/remove/": page(of=Of.SEGMENT, POST=P.SEGMENTS_WRITE),
    "app/tracked/<int:pk>/": page(of=Of.TRACKING, GET=P.CHANNELS_READ),
    "app/tracked/<int:pk>/collecting/": page(of=Of.TRACKING, GET=P.CHANNELS_READ),
    "app/tracked/<int:pk>/remove/": page(of=Of.TRACKING, POST=P.CHANNELS_WRITE),
    "app/reports/": page(GET=P.ANALYTICS_READ, POST=P.REPORTS_WRITE),
    "app/reports/progress/": page(GET=P.ANALYTICS_READ),
    "app/reports/branding/": page(GET=P.REPORTS_WRITE, POST=P.REPORTS_WRITE),
    "app/reports/new/": page(GET=P.REPORTS_WRITE, POST=P.REPORTS_WRITE),
    "app/reports/files/<uuid:public_id>/remove/": page(of=Of.REPORT, POST=P.REPORTS_WRITE),
    "app/reports/saved/<uuid:public_id>/": page(of=Of.SCHEDULE, GET=P.REPORTS_WRITE, POST=P.REPORTS_WRITE),
    "app/reports/saved/<uuid:public_id>/preview/": page(of=Of.SCHEDULE, GET=P.REPORTS_WRITE),
    "app/reports/saved/<uuid:public_id>/preview/mail/": page(of=Of.SCHEDULE, GET=P.REPORTS_WRITE),
    "app/reports/saved/<uuid:public_id>/<str:act>/": page(of=Of.SCHEDULE, POST=P.REPORTS_WRITE),
    "app/reports/mails/<uuid:public_id>/repeat/": page(of=Of.DELIVERY, POST=P.REPORTS_WRITE),
    "app/shared/": page(GET=P.ANALYTICS_READ),
    "app/shared/new/": page(GET=P.SHARES_WRITE, POST=P.SHARES_WRITE),
    "app/shared/<uuid:public_id>/": page(of=Of.SHARE, GET=P.ANALYTICS_READ, POST=P.SHARES_WRITE),
    "app/shared/<uuid:public_id>/password/": page(of=Of.SHARE, POST=P.SHARES_WRITE),
    "app/shared/<uuid:public_id>/rotate/": page(of=Of.SHARE, POST=P.SHARES_WRITE),
    "app/shared/<uuid:public_id>/revoke/": page(of=Of.SHARE, POST=P.SHARES_WRITE),
    # Pages of a channel.
    "app/channels/<str:name>/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/audience/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/changes/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/content/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/growth/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/notes/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/now/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/posts/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/sources/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/timing/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/trending/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/posts/<int:msg_id>/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/<str:section>/files/<str:what>.<str:form>": page(of=Of.CHANNEL, GET=P.EXPORTS_WRITE),
    "app/channels/<str:name>/report/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    "app/channels/<str:name>/media-kit/": page(of=Of.CHANNEL, GET=P.ANALYTICS_READ, POST=P.REPORTS_WRITE),
    "app/channels/<str:name>/media-kit/file/": page(of=Of.CHANNEL, POST=P.REPORTS_WRITE),
    "app/channels/<str:name>/notes/add/": page(of=Of.CHANNEL, GET=P.NOTES_WRITE, POST=P.NOTES_WRITE),
    "app/channels/<str:name>/notes/<uuid:public_id>/": page(of=Of.NOTE, GET=P.NOTES_WRITE, POST=P.NOTES_WRITE),
    "app/channels/<str:name>/notes/<uuid:public_id>/remove/": page(of=Of.NOTE, POST=P.NOTES_WRITE),
    # The API.
    "api/v2/channels": api(GET=P.CHANNELS_READ, POST=P.CHANNELS_WRITE),
    "api/v2/channels/<str:channel>": api(of=Of.CHANNEL, GET=P.CHANNELS_READ, DELETE=P.CHANNELS_WRITE),
    "api/v2/channels/<str:channel>/notes": api(of=Of.CHANNEL, GET=P.ANALYTICS_READ, POST=P.NOTES_WRITE),
    "api/v2/channels/<str:channel>/notes/<uuid:public_id>": api(
        of=Of.NOTE, GET=P.ANALYTICS_READ, PATCH=P.NOTES_WRITE, DELETE=P.NOTES_WRITE
    ),
    "api/v2/metrics": api(GET=P.ANALYTICS_READ),
    "api/v2/exports": api(GET=P.ANALYTICS_READ, POST=P.EXPORTS_WRITE),
    "api/v2/exports/<uuid:public_id>": api(of=Of.EXPORT, GET=P.ANALYTICS_READ, DELETE=P.EXPORTS_WRITE),
    # The files of the made worlds are none.
    "api/v2/exports/<uuid:public_id>/file": api(of=Of.EXPORT, GET=P.ANALYTICS_READ, answers={"GET": 409}),
    "api/v2/exports/channels/<str:channel>/all-posts": api(of=Of.CHANNEL, GET=P.EXPORTS_WRITE),
    "api/v2/exports/channels/<str:channel>/all-snapshots": api(of=Of.CHANNEL, GET=P.EXPORTS_WRITE),
    "api/v2/reports": api(GET=P.ANALYTICS_READ, POST=P.REPORTS_WRITE),
    "api/v2/reports/<uuid:public_id>": api(of=Of.REPORT, GET=P.ANALYTICS_READ, DELETE=P.REPORTS_WRITE),
    "api/v2/reports/<uuid:public_id>/file": api(of=Of.REPORT, GET=P.ANALYTICS_READ, answers={"GET": 409}),
    "api/v2/shared-links": api(GET=P.ANALYTICS_READ, POST=P.SHARES_WRITE),
    "api/v2/shared-links/<uuid:public_id>": api(
        of=Of.SHARE, GET=P.ANALYTICS_READ, PATCH=P.SHARES_WRITE, DELETE=P.SHARES_WRITE
    ),
    "api/v2/analytics/benchmarks": api(GET=P.ANALYTICS_READ),
    "api/v2/analytics/citation-index": api(GET=P.ANALYTICS_READ),
    # Asks for channels to compare.
    "api/v2/analytics/compare": api(GET=P.ANALYTICS_READ, answers={"GET": 400}),
    "api/v2/analytics/mention-graph": api(GET=P.ANALYTICS_READ),
    **{
        f"api/v2/analytics/channels/<str:channel>/{question}": api(of=Of.CHANNEL, GET=P.ANALYTICS_READ)
        for question in (
            "overview", "growth", "reach", "statistics", "top-posts", "posts", "posts/<int:msg_id>",
            "posts/<int:msg_id>/curve", "ledger", "trending", "anomalies", "best-time", "calendar", "content-effects",
            "sources", "events", "now", "reconciliation", "official-graphs",
        )
    },
    "api/v2/analytics/channels/<str:channel>/official-graphs/<str:graph>": api(of=Of.CHANNEL, GET=P.ANALYTICS_READ),
    # Shared links, of whoever holds the address.
    "s/embed.js": everybody("GET"),
    "s/<str:token>/": guests("GET", "POST"),
    "s/<str:token>/embed/": guests("GET"),
    "s/<str:token>/badge.svg": guests("GET"),
    "s/<str:token>/og.png": guests("GET"),
    "s/<str:token>/<str:section>/": guests("GET", "POST"),
    "s/<str:token>/<str:section>/files/<str:name>.<str:form>": guests("GET"),
}  # fmt: skip
