"""A Postman collection (format 2.1.0, https://schema.postman.com/collection/json/v2.1.0/) of the API's document."""

import json
from collections.abc import Mapping
from typing import Any

from analyticbot.core.clients.document import Operation, operations_of

_FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_DEFAULTS = {"channel": "@example_news"}


def postman_collection(document: Mapping[str, Any]) -> str:
    """The collection as JSON text. Its variables `base_url` and `token` are to be filled in."""
    folders: dict[str, list[dict[str, Any]]] = {}
    for operation in operations_of(document):
        folders.setdefault(_folder(operation), []).append(_item(operation, document))
    collection = {
        "info": {
            "name": document["info"]["title"],
            "description": document["info"].get("description", ""),
            "version": document["info"]["version"],
            "schema": _FORMAT,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
        "variable": [
            {"key": "base_url", "value": "http://127.0.0.1:8000"},
            {"key": "token", "value": ""},
            *({"key": name, "value": value} for name, value in _DEFAULTS.items()),
        ],
        "item": [{"name": name, "item": items} for name, items in sorted(folders.items())],
    }
    return json.dumps(collection, ensure_ascii=False, indent=1) + "\n"


def _folder(operation: Operation) -> str:
    parts = operation.path.strip("/").split("/")
    return parts[2] if len(parts) > 2 else "api"  # noqa: PLR2004 - below /api/v2/


def _item(operation: Operation, document: Mapping[str, Any]) -> dict[str, Any]:
    parts = [part.replace("{", ":").replace("}", "") for part in operation.path.strip("/").split("/")]
    query = [
        {
            "key": one["name"],
            "value": _text(one["schema"].get("default")),
            "description": one.get("description", ""),
            "disabled": not one.get("required", False),
        }
        for one in operation.parameters_in("query")
    ]
    request: dict[str, Any] = {
        "method": operation.method,
        "header": [{"key": "Accept", "value": "application/json"}],
        "url": {
            "raw": "{{base_url}}/" + "/".join(parts),
            "host": ["{{base_url}}"],
            "path": parts,
            "query": query,
            "variable": [
                {"key": one["name"], "value": "{{channel}}" if one["name"] in _DEFAULTS else ""}
                for one in operation.parameters_in("path")
            ],
        },
        "description": operation.summary,
    }
    if operation.body is not None:
        request["header"].append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {"mode": "raw", "raw": json.dumps(_sample(operation.body, document), ensure_ascii=False)}
    return {"name": operation.name, "request": request, "response": _responses(operation, request)}


def _responses(operation: Operation, request: dict[str, Any]) -> list[dict[str, Any]]:
    if operation.example is None:
        return []
    body = json.dumps(operation.example, ensure_ascii=False, indent=1)
    header = [{"key": "Content-Type", "value": "application/json"}]
    return [{"name": "example", "originalRequest": request, "code": 200, "header": header, "body": body}]


def _sample(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """A value of the right form: what must be given, and nothing else."""
    if "$ref" in schema:
        return _sample(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _sample(properties[name], document) for name in schema.get("required", ())}
    return {"integer": 1, "number": 1, "boolean": True, "array": []}.get(str(kind), "")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
