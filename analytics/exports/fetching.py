"""What views of made files share: the file as an answer, and how far it has come as JSON."""

from datetime import datetime
from typing import Any

from django.http import HttpResponseBase
from django.utils.http import content_disposition_header
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import access_of
from analyticbot.core.api import OrjsonRenderer
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.errors import Conflict
from analyticbot.core.made_files import FileState, MadeFile
from analytics.exports.streaming import file_blocks, streamed
from analytics.questions.answering import iso


class AnyRenderer(BaseRenderer):
    """Takes every `Accept`: the kind of the file was chosen when it was asked for."""

    media_type = "*/*"
    format = "file"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> Any:  # noqa: ARG002
        """Only errors come here."""
        return OrjsonRenderer().render(data)


class ErrorsAsJson(APIView):
    """Views whose answers are files, and whose errors are JSON."""

    def handle_exception(self, exc: Exception) -> Response:
        """The one shape, whatever form was asked for."""
        self.request.accepted_renderer = OrjsonRenderer()
        self.request.accepted_media_type = OrjsonRenderer.media_type
        return super().handle_exception(exc)


def file_answer(
    request: Request, row: MadeFile, *, name: str, content_type: str, fetched: AuditAction, now: datetime
) -> HttpResponseBase:
    """The file of `row` under `name`, never shown in place: an HTML file of ours would stand on our own origin."""
    access = access_of(request)
    if not access.is_demo:  # what everybody may take leaves no trace
        record_audit(fetched, row, actor=access.actor, now=now, workspace_id=access.workspace.pk)
    headers = {
        "Content-Length": str(row.path.stat().st_size),
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
    }
    return streamed(request, file_blocks(row.path), content_type=content_type, headers=headers)


def hold_ready(row: MadeFile, *, told: str, code: str, now: datetime) -> None:
    """Conflict while there is no file to fetch; `told` takes the state as %(state)s."""
    if not row.is_ready(now=now):
        state = row.state(now=now)
        raise Conflict(told % {"state": state.label}, code=f"{code}_{state}")


def life_of(row: MadeFile, *, now: datetime, address: str) -> dict[str, Any]:
    """How far a file has come, as the API tells it; `address` is where it is fetched once it is ready."""
    state = row.state(now=now)
    return {
        "state": state.value,
        "size": row.size,
        "created_at": iso(row.created_at),
        "finished_at": iso(row.finished_at) if row.finished_at else None,
        "expires_at": iso(row.expires_at) if row.expires_at else None,
        "error": row.last_error if state is FileState.FAILED else None,
        "file": address if row.is_ready(now=now) else None,
    }
