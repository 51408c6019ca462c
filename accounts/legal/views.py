"""The pages of privacy, terms and cookies, open to everybody."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.legal.documents import TEXTS, Document


@require_safe
def show(request: HttpRequest, document: Document) -> HttpResponse:
    """One document."""
    text = TEXTS[document]
    context = {
        "title": text.title,
        "version": datetime.fromisoformat(text.version).replace(tzinfo=UTC),
        "parts": text.parts(),
    }
    response = render(request, "legal.html", context)
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response
