"""What every answer must carry, and what no page may hold: read off each answer of the matrix."""

import re
from collections.abc import Iterator
from typing import Any

# Pages that other sites may show in frames, or that are frames of ours, say so themselves (tests/face).
_FRAMED = re.compile(r"^/s/[^/]+/embed/$|/preview/mail/$")
_INLINE = re.compile(rb"<script(?![^>]*(?: src=| type=.application/))[^>]*>|<style|\son[a-z]+=[\"']|href=.javascript:")
_STYLED = re.compile(rb"<[^>]+\sstyle=[\"']")
_PANEL = "/superadmin/"


def missing_protection(answer: Any, path: str) -> Iterator[str]:
    """What is wrong with the headers or the text of an answer."""
    headers = answer.headers
    if headers.get("X-Content-Type-Options") != "nosniff":
        yield "no nosniff"
    if "Cross-Origin-Resource-Policy" not in headers or "Permissions-Policy" not in headers:
        yield "no policy of resources, or of abilities"
    if "X-Request-Id" not in headers:
        yield "no request id"
    for cookie in answer.cookies.values():
        if cookie["samesite"] not in {"Lax", "Strict"}:
            yield f"the cookie {cookie.key} goes everywhere"
    if headers.get("Content-Type", "").startswith("text/html"):
        yield from _of_pages(answer, path)


def _of_pages(answer: Any, path: str) -> Iterator[str]:
    policy = {part.split()[0]: part.split()[1:] for part in answer.headers["Content-Security-Policy"].split("; ")}
    if policy["default-src"] != ["'none'"] or policy["object-src"] != ["'none'"] or policy["base-uri"] != ["'none'"]:
        yield f"a loose policy: {policy}"
    if {"'unsafe-inline'", "*", "data:", "http:", "https:"} & set(policy["script-src"]):
        yield f"scripts from everywhere: {policy['script-src']}"
    if not _FRAMED.search(path) and (
        policy["frame-ancestors"] != ["'none'"] or "X-Frame-Options" not in answer.headers
    ):
        yield "can be framed"
    if "Referrer-Policy" not in answer.headers or "Cross-Origin-Opener-Policy" not in answer.headers:
        yield "no policy of referrers, or of openers"
    if path.startswith(_PANEL) or _FRAMED.search(path) or answer.streaming:
        return
    if "'unsafe-eval'" in policy["script-src"] or "'unsafe-inline'" in policy["style-src"]:
        yield "inline styles or eval allowed"
    found = _INLINE.search(answer.content) or _STYLED.search(answer.content)
    if found:
        yield f"inline: {found[0][:80]!r}"
