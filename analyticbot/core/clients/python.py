"""A typed Python client of the API's document: one module, nothing but the standard library."""

import keyword
from collections.abc import Iterator, Mapping
from typing import Any

from analyticbot.core.clients.base import BASE, HELPERS
from analyticbot.core.clients.document import Operation, operations_of

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
# What drf-spectacular calls the choice of nothing.
_NOTHING = "NullEnum"
_SKIPPED = {"format"}
_WIDTH = 120


def python_client(document: Mapping[str, Any]) -> str:
    """The text of the module."""
    info = document["info"]
    head = f'"""A typed client of the {info["title"]}, version {info["version"]}. Made by `manage.py export_api`."""\n'
    methods = [line for operation in operations_of(document) for line in _methods(operation)]
    shapes = [line for name, schema in sorted(_used(document).items()) for line in _shape(name, schema)]
    return "\n".join([head, BASE.strip(), "", *methods, "", "", HELPERS.strip(), "", *shapes]).rstrip() + "\n"


def _used(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: schema for name, schema in document["components"]["schemas"].items() if name != _NOTHING}


def _shape(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    if schema.get("type") == "object" and "properties" in schema:
        needed = set(schema.get("required", ()))
        yield f"{name} = TypedDict("
        yield f'    "{name}",'
        yield "    {"
        for field, inner in schema["properties"].items():
            kind = type_of(inner, quoted=True)
            kind = kind if field in needed else f"NotRequired[{kind}]"
            yield f'        "{field}": {kind},'
        yield "    },"
        yield ")"
    else:
        yield f"{name} = {type_of(schema, quoted=True)}"


def type_of(schema: Mapping[str, Any], *, quoted: bool = False) -> str:
    """The Python type of a schema. `quoted`: names of shapes as forward references."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name == _NOTHING:
            return "None"
        return f'"{name}"' if quoted else name
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return _union([type_of(one, quoted=quoted) for one in schema[several]])
    if schema.get("enum") == [None]:
        return "None"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    kinds = schema.get("type", "any")
    return _union([_simple(kind, schema, quoted=quoted) for kind in (kinds if isinstance(kinds, list) else [kinds])])


def _simple(kind: str, schema: Mapping[str, Any], *, quoted: bool) -> str:
    if kind == "array":
        return f"list[{type_of(schema.get('items', {}), quoted=quoted)}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {type_of(inner, quoted=quoted) if isinstance(inner, Mapping) and inner else 'Any'}]"
    return _PLAIN.get(kind, "Any")


def _union(kinds: list[str]) -> str:
    found = list(dict.fromkeys(kinds))
    if len(found) == 1:
        return found[0]
    rest = [kind for kind in found if kind != "None"]
    inner = rest[0] if len(rest) == 1 else f"Union[{', '.join(rest)}]"
    # `X | None` does not work for a forward reference in quotes.
    return f"Optional[{inner}]" if "None" in found else inner


def _methods(operation: Operation) -> Iterator[str]:
    if operation.answer is not None:
        yield from _method(operation, operation.name, type_of(operation.answer, quoted=True), "_json")
    elif not operation.kinds:
        yield from _method(operation, operation.name, "None", "_nothing")
    for kind in operation.kinds:
        name = f"{operation.name}_csv" if kind == "text/csv" else operation.name
        yield from _method(operation, name, "bytes", "_bytes", accept=kind)


def _method(operation: Operation, name: str, answer: str, caller: str, *, accept: str = "") -> Iterator[str]:
    path = [one["name"] for one in operation.parameters_in("path")]
    query = [one for one in operation.parameters_in("query") if one["name"] not in _SKIPPED]
    needed = [one for one in query if one.get("required")]
    rest = [one for one in query if not one.get("required")]
    given = [f"{argument(one)}: str" for one in path]
    given += [f"body: {type_of(operation.body, quoted=True)}"] if operation.body is not None else []
    named = [f"{argument(one['name'])}: {_taken(one)}" for one in needed]
    named += [f"{argument(one['name'])}: {_taken(one)} | None = None" for one in rest]
    yield ""
    yield f"    def {name}("
    yield "        self,"
    yield from (f"        {one}," for one in given)
    if named:
        yield "        *,"
        yield from (f"        {one}," for one in named)
    yield f"    ) -> {answer}:"
    yield f'        """{_sentence(operation.summary)}"""'
    pairs = ", ".join(f'"{one["name"]}": {argument(one["name"])}' for one in query)
    yield f"        query: dict[str, Any] = {{{pairs}}}"
    address = operation.path
    for one in path:
        address = address.replace(f"{{{one}}}", f"{{_part({argument(one)})}}")
    call = f'self.{caller}("{operation.method}", f"{address}", query'
    call += ", body" if operation.body is not None else ", None"
    call += f', accept="{accept}")' if caller == "_bytes" else ")"
    if caller == "_json":
        yield f"        return cast({answer}, {call})"
    else:
        yield f"        {'return ' if caller == '_bytes' else ''}{call}"


def _taken(parameter: Mapping[str, Any]) -> str:
    return type_of({key: value for key, value in parameter["schema"].items() if key != "default"})


def argument(name: str) -> str:
    """A parameter's name as Python can have it: `from` becomes `from_`."""
    plain = name.replace("-", "_")
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _sentence(text: str) -> str:
    short = text if len(text) <= _WIDTH - 20 else text[: _WIDTH - 21].rsplit(" ", 1)[0] + " …"
    return short.replace("\\", "\\\\").replace('"', "'") or "The operation."
