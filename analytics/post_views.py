"""The page of one post."""

from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import NotFound
from analytics.post_pages import post_report
from analytics.queries.neighbours import neighbours_of
from analytics.questions.asking import Reader, ask_channel, channel_for
from analytics.questions.post import QUESTIONS
from analytics.views import page

_POST = next(question for question in QUESTIONS if question.name == "post")


@require_safe
@page(Permission.ANALYTICS_READ)
def post_page(request: WorkspaceRequest, name: str, msg_id: int) -> HttpResponse:
    """One post with all that is known of it. The id of an album's item leads to the album."""
    workspace = request.access.workspace
    reader = Reader(workspace.pk, workspace.time_zone, get_language() or "en")
    try:
        channel = channel_for(reader, name)
        answer = _POST.answer(ask_channel(reader, channel, {}, now=timezone.now(), path={"msg_id": msg_id}))
    except NotFound:
        raise Http404 from None
    found = answer.data["msg_id"]
    if found != msg_id:
        return redirect("pages:post", name, found)
    published = datetime.fromisoformat(answer.data["date"])
    report = post_report(answer, neighbours_of(channel.id, message_id=found, published_at=published))
    context = {"section": "channels", "channel": channel, "name": name, "post": report}
    return render(request, "post.html", context)
