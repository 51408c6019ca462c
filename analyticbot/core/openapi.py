"""What every operation of the API's document has in common: the shape of errors, and what may be anything."""

from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_TEXT = {"type": "string"}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "field"],
            "properties": {
                "code": {**_TEXT, "description": "For programs; does not change."},
                "message": {**_TEXT, "description": "For people, in the language of Accept-Language."},
                "field": {"type": ["string", "null"], "description": "What of the request is wrong."},
            },
        }
    },
}


def describe_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: the one error shape, as the `4XX` answer of each operation."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    answer = {
        "description": "400 wrong input, 401 not signed in, 403 not allowed, 404 not here, 429 too often.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for operations in result.get("paths", {}).values():
        for method in _METHODS:
            if method in operations:
                operations[method]["responses"]["4XX"] = answer
    return result


def free_anything(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: what may be anything may be null too, and not "one of anything and null" (never)."""
    _free(result)
    return result


def _free(part: Any) -> None:
    if isinstance(part, dict):
        if {} in part.get("oneOf", ()):
            del part["oneOf"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            _free(inner)
