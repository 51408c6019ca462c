"""The API's document, and its operations one by one."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    name: str
    method: str
    path: str
    summary: str
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None
    # Schema of the JSON answer; None where there is none.
    answer: Mapping[str, Any] | None
    # Other kinds of answer: "text/csv", "application/octet-stream".
    kinds: tuple[str, ...]
    example: Any = None

    def parameters_in(self, place: str) -> list[Mapping[str, Any]]:
        """Parameters of the path, the query or the header."""
        return [one for one in self.parameters if one["in"] == place]


def read_document() -> dict[str, Any]:
    """The document as `/api/schema/` serves it."""
    generated = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found: dict[str, Any] = json.loads(OpenApiJsonRenderer().render(generated, renderer_context={}))
    return found


def operations_of(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation, by address and method."""
    for path, methods in sorted(document["paths"].items()):
        for method in _METHODS:
            if method in methods:
                yield _operation(path, method, methods[method])


def _operation(path: str, method: str, described: Mapping[str, Any]) -> Operation:
    good = [answer for status, answer in described["responses"].items() if status.startswith("2")]
    content = {kind: one for answer in good for kind, one in answer.get("content", {}).items()}
    body = described.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema")
    text = described.get("summary") or described.get("description", "")
    return Operation(
        name=described["operationId"],
        method=method.upper(),
        path=path,
        summary=text.split("\n\n")[0].replace("\n", " ").strip(),
        parameters=tuple(described.get("parameters", ())),
        body=body,
        answer=content.get(_JSON, {}).get("schema"),
        kinds=tuple(sorted(kind for kind in content if kind != _JSON)),
        example=content.get(_JSON, {}).get("example"),
    )
