"""The page of one post."""

from datetime import datetime, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import NotFound
from analytics.live.page import live_channel, stamped, unchanged
from analytics.post_pages import post_report
from analytics.queries.neighbours import neighbours_of
from analytics.questions.asking import Reader, ask_channel, channel_for
from analytics.questions.post import QUESTIONS
from analytics.views import page

# Older posts are looked at no more.
_MOVES = timedelta(days=30)
_POST = next(question for question in QUESTIONS if question.name == "post")


@require_safe
@page(Permission.ANALYTICS_READ)
def post_page(request: WorkspaceRequest, name: str, msg_id: int) -> HttpResponse:
    """One post with all that is known of it. The id of an album's item leads to the album."""
    if (same := unchanged(request, name)) is not None:
        return same
    workspace, now = request.access.workspace, timezone.now()
    reader = Reader(workspace.pk, workspace.time_zone, get_language() or "en")
    try:
        channel = channel_for(reader, name)
        answer = _POST.answer(ask_channel(reader, channel, {}, now=now, path={"msg_id": msg_id}))
    except NotFound:
        raise Http404 from None
    found = answer.data["msg_id"]
    if found != msg_id:
        return redirect("pages:post", name, found)
    published = datetime.fromisoformat(answer.data["date"])
    report = post_report(answer, neighbours_of(channel.id, message_id=found, published_at=published))
    live = live_channel(request, channel, now=now) if now - published < _MOVES else None
    context = {"section": "channels", "channel": channel, "name": name, "post": report, "live": live}
    return stamped(render(request, "post.html", context), live)
