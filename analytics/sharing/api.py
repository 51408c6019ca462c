"""Shared links over the API: the same services as the pages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.urls import path
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import access_of, workspace_of
from analyticbot.core import runtime
from analyticbot.core.api import page_asked, read_page
from analyticbot.core.errors import InvalidInput, NotAllowed, NotFound
from analytics.picker import LABELS
from analytics.questions.answering import iso
from analytics.schemas.shapes import shape
from analytics.sharing.links import (
    change_link,
    create_link,
    find_link,
    links_of,
    revoke_link,
)
from analytics.sharing.models import SHAREABLE, LinkState, SharedLink, ShareTheme
from analytics.sharing.terms import LONGEST_NAME, LONGEST_PASSWORD, MOST_ORIGINS, Terms, origin_of, terms_of
from analytics.sharing.visiting import sections_of
from channels_app.queries import channel_name, find_tracked

_ID = OpenApiParameter("public_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="`id` of the link.")
_LONGEST_CHANNEL, _LONGEST_ORIGIN = 80, 200
_PLAIN = frozenset({"name", "sections", "preset", "owner_facts", "compares", "exports", "theme"})


class SharedLinkShape(serializers.Serializer[Any]):
    """A shared link: what it shows, over which time, until when, and how often it was looked at."""

    id = serializers.UUIDField()
    channel = serializers.CharField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="First letters of the address after `/s/`; the rest is not kept.")
    address = serializers.CharField(allow_null=True, help_text="Only in the answer that made it; null afterwards.")
    state = serializers.ChoiceField(choices=LinkState.values)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    revoked_at = serializers.DateTimeField(allow_null=True)
    has_password = serializers.BooleanField()
    preset = serializers.CharField(allow_null=True, help_text="A period that moves with the days; null: fixed days.")
    first_day = serializers.DateField(allow_null=True)
    last_day = serializers.DateField(allow_null=True, help_text="Included.")
    sections = serializers.ListField(child=serializers.ChoiceField(choices=SHAREABLE))
    owner_facts = serializers.BooleanField(help_text="Visitors see what Telegram tells owners only.")
    compares = serializers.BooleanField(help_text="The period before stands beside the period.")
    exports = serializers.BooleanField(help_text="Visitors may download what they see.")
    theme = serializers.ChoiceField(choices=ShareTheme.values)
    frame_ancestors = serializers.ListField(
        child=serializers.CharField(), help_text="Origins whose pages may embed it."
    )
    views = serializers.IntegerField(help_text="Of the last 400 days.")
    last_viewed_at = serializers.DateTimeField(allow_null=True, help_text="Beginning of the hour.")


class _Changes(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=LONGEST_NAME, required=False)
    expires_at = serializers.DateTimeField(required=False, help_text="Within two years.")
    preset = serializers.ChoiceField(choices=list(LABELS), required=False, allow_null=True)
    first_day = serializers.DateField(required=False, allow_null=True)
    last_day = serializers.DateField(required=False, allow_null=True)
    sections = serializers.ListField(child=serializers.ChoiceField(choices=SHAREABLE), required=False)
    owner_facts = serializers.BooleanField(required=False)
    compares = serializers.BooleanField(required=False)
    exports = serializers.BooleanField(required=False)
    theme = serializers.ChoiceField(choices=ShareTheme.values, required=False)
    frame_ancestors = serializers.ListField(
        child=serializers.CharField(max_length=_LONGEST_ORIGIN), max_length=MOST_ORIGINS, required=False
    )
    password = serializers.CharField(
        max_length=LONGEST_PASSWORD, required=False, allow_null=True, help_text="Null or empty: none is asked for."
    )


class ChangedLinkShape(_Changes):
    """What is to be changed of a link; what is not named stays."""


class NewLinkShape(_Changes):
    """A new link. `expires_at`, `name`, `sections` and a period (`preset`, or both days) must be given."""

    channel = serializers.CharField(max_length=_LONGEST_CHANNEL, help_text="Bare Telegram id or @username.")


def _link_list() -> Any:
    following = serializers.CharField(allow_null=True, help_text="`cursor` of the next page; null on the last.")
    return shape(
        "SharedLinkList", {"data": SharedLinkShape(many=True), "meta": shape("SharedLinkListMeta", {"next": following})}
    )


class _Switched(APIView):
    """Views that are there only while shared links are switched on."""

    required_scope: Mapping[str, str] = {
        "GET": "shares:read",
        "POST": "shares:write",
        "PATCH": "shares:write",
        "DELETE": "shares:write",
    }

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After sign-in: 403 where the operator has switched shared links off."""
        super().initial(request, *args, **kwargs)
        if not runtime.SHARED_LINKS.now():
            raise NotAllowed(_("Shared links are switched off on this installation."), code="shares_off")


class SharedLinksView(_Switched):
    """The shared links of the workspace."""

    @extend_schema(
        operation_id="list_shared_links",
        parameters=[
            OpenApiParameter("limit", int, description="1 to 100, 50 when absent."),
            OpenApiParameter("cursor", str, description="`meta.next` of the page before."),
        ],
        responses=_link_list(),
    )
    def get(self, request: Request) -> Response:
        """One page of the links, newest first."""
        page = read_page(links_of(workspace_of(request)), page_asked(request.query_params))
        now = timezone.now()
        return Response({"data": [link_body(row, now=now) for row in page.rows], "meta": {"next": page.next}})

    @extend_schema(
        operation_id="create_shared_link",
        request=NewLinkShape,
        responses={201: OpenApiResponse(SharedLinkShape, description="Made; `address` is told this once.")},
    )
    def post(self, request: Request) -> Response:
        """Share a channel."""
        access, now = access_of(request), timezone.now()
        given = _object(request.data)
        name = given.get("channel")
        if not isinstance(name, str) or not name or len(name) > _LONGEST_CHANNEL or "\x00" in name:
            raise InvalidInput(_("`channel` is a bare Telegram id or @username."), field="channel")
        tracked = find_tracked(access.workspace, name)
        if tracked is None:
            raise NotFound(_("This workspace tracks no such channel. Add it with POST /api/v2/channels."))
        blank = Terms(name="", expires_at=now, sections=())
        link, token = create_link(
            tracked,
            terms=_terms(blank, given),
            password=_password(given) or "",
            creator=access.user,
            actor=access.actor,
            now=now,
        )
        body = link_body(_found(request, link.public_id), now=now)
        body["address"] = request.build_absolute_uri(f"/s/{token}/")
        return Response(body, status=201, headers={"Location": f"/api/v2/shared-links/{link.public_id}"})


class SharedLinkView(_Switched):
    """One shared link."""

    @extend_schema(operation_id="read_shared_link", parameters=[_ID], responses=SharedLinkShape)
    def get(self, request: Request, public_id: UUID) -> Response:
        """What it shows, and how often it was looked at."""
        return Response(link_body(_found(request, public_id), now=timezone.now()))

    @extend_schema(
        operation_id="change_shared_link", parameters=[_ID], request=ChangedLinkShape, responses=SharedLinkShape
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Change what is named; the address stays."""
        link, access, now = _found(request, public_id), access_of(request), timezone.now()
        given = _object(request.data)
        change_link(
            link,
            terms=_terms(terms_of(link), given),
            password=_password(given),
            actor=access.actor,
            now=now,
        )
        return Response(link_body(_found(request, public_id), now=now))

    @extend_schema(operation_id="revoke_shared_link", parameters=[_ID], responses={204: None})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Take it back: the next look finds nothing. It stays in the list as revoked."""
        revoke_link(_found(request, public_id), actor=access_of(request).actor, now=timezone.now())
        return Response(status=204)


def link_body(link: SharedLink, *, now: datetime) -> dict[str, Any]:
    """The JSON of a row of `links_of`."""
    counted: Any = link
    return {
        "id": str(link.public_id),
        "channel": channel_name(link.tracked.channel),
        "name": link.name,
        "prefix": link.prefix,
        "address": None,
        "state": link.state(now=now).value,
        "created_at": iso(link.created_at),
        "expires_at": iso(link.expires_at),
        "revoked_at": iso(link.revoked_at) if link.revoked_at else None,
        "has_password": bool(link.password),
        "preset": link.preset or None,
        "first_day": link.first_day.isoformat() if link.first_day else None,
        "last_day": link.last_day.isoformat() if link.last_day else None,
        "sections": list(sections_of(link)),
        "owner_facts": link.owner_facts,
        "compares": link.compares,
        "exports": link.exports,
        "theme": link.theme,
        "frame_ancestors": link.frame_ancestors,
        "views": counted.viewed or 0,
        "last_viewed_at": iso(counted.last_viewed) if counted.last_viewed else None,
    }


def _object(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise InvalidInput(_("Send an object with the fields of the link."), code="required")
    return body


def _terms(before: Terms, given: Mapping[str, Any]) -> Terms:
    """The terms with what is given changed. Naming one way to say the period ends the other. Raises InvalidInput."""
    changes: dict[str, Any] = {name: given[name] for name in _PLAIN if name in given}
    for name in ("name", "preset", "theme"):
        changes |= {name: _text(changes[name], name)} if name in changes else {}
    for name in ("owner_facts", "compares", "exports"):
        if name in changes and not isinstance(changes[name], bool):
            raise InvalidInput(_("`%(name)s` is true or false.") % {"name": name}, field=name)
    for name in ("sections", "frame_ancestors"):
        if name in given:
            changes[name] = _texts(given[name], name)
    if "frame_ancestors" in changes:
        changes["frame_ancestors"] = tuple(map(origin_of, changes["frame_ancestors"]))
    for name in ("first_day", "last_day"):
        if name in given:
            changes[name] = _day(given[name], name)
    if "expires_at" in given:
        changes["expires_at"] = _moment(given["expires_at"])
    if changes.get("preset"):
        changes = {"first_day": None, "last_day": None, **changes}
    elif changes.get("first_day") or changes.get("last_day"):
        changes = {"preset": "", **changes}
    return replace(before, **changes)


def _text(value: Any, name: str) -> str:
    if value is None and name == "preset":
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise InvalidInput(_("`%(name)s` is a text.") % {"name": name}, field=name)
    return value.strip()


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and "\x00" not in one for one in value):
        raise InvalidInput(_("`%(name)s` is a list of texts.") % {"name": name}, field=name)
    return tuple(dict.fromkeys(value))


def _day(value: Any, name: str) -> date | None:
    if value is None:
        return None
    try:
        found = parse_date(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("`%(name)s` is a day like 2026-01-31.") % {"name": name}, field=name)
    return found


def _moment(value: Any) -> datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput(_("`expires_at` is a moment like 2026-01-31T12:00:00Z."), field="expires_at")
    return found


def _password(given: Mapping[str, Any]) -> str | None:
    """The password that is to be set; empty: none; None: it is not spoken of."""
    if "password" not in given:
        return None
    value = given["password"]
    if value is not None and (not isinstance(value, str) or "\x00" in value):
        raise InvalidInput(_("`%(name)s` is a text.") % {"name": "password"}, field="password")
    return value or ""


def _found(request: Request, public_id: UUID) -> SharedLink:
    link = find_link(workspace_of(request), public_id=public_id)
    if link is None:
        raise NotFound(_("This workspace has no such link."))
    return link


urlpatterns = [
    path("shared-links", SharedLinksView.as_view(), name="shared-links"),
    path("shared-links/<uuid:public_id>", SharedLinkView.as_view(), name="shared-link"),
]
