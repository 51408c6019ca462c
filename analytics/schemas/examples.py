"""Examples in the API's document: real answers, asked in a made world and kept beside this module.

`examples.json` holds them by the name of the operation; `tests/api/test_examples.py` compares them with what the
program answers, and writes them anew with UPDATE_EXAMPLES=1.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).with_name("examples.json")


@lru_cache(maxsize=1)
def examples() -> dict[str, Any]:
    """Answers by name of the operation."""
    found: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return found


def add_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: the example of each operation that has one."""
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            example = examples().get(operation.get("operationId", "")) if isinstance(operation, dict) else None
            if example is None:
                continue
            for status in ("200", "201", "202"):
                content = operation["responses"].get(status, {}).get("content", {})
                if "application/json" in content:
                    content["application/json"]["example"] = example
    return result
