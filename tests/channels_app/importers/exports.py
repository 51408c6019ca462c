"""Made exports of Telegram Desktop, as large as a test wants them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


def desktop_message(number: int, **changes: Any) -> dict[str, Any]:
    """A message as Telegram Desktop writes one."""
    at = BEGIN + timedelta(minutes=number)
    text = f"Пост {number} 👍 про "
    message = {
        "id": number,
        "type": "message",
        "date": (at + timedelta(hours=5)).replace(tzinfo=None).isoformat(),
        "date_unixtime": str(int(at.timestamp())),
        "from": "Канал",
        "from_id": "channel1234567",
        "text": [text, {"type": "link", "text": "https://example.com/a"}],
        "text_entities": [{"type": "plain", "text": text}, {"type": "link", "text": "https://example.com/a"}],
        "reactions": [{"type": "emoji", "count": number % 7 + 1, "emoji": "👍"}],
    }
    return {name: value for name, value in (message | changes).items() if value is not None}


def desktop_chat(messages: Sequence[Any], **changes: Any) -> dict[str, Any]:
    """A single chat's export."""
    return {"name": "Канал", "type": "public_channel", "id": 1234567, "messages": messages} | changes


def write_large_export(path: Path, *, megabytes: int, characters: int = 700) -> int:
    """Write a single chat's export of about that size; returns the number of messages."""
    filler = ("Длинный текст поста с цифрами 0123456789 и словами. " * (characters // 50 + 1))[:characters]
    wanted = megabytes * 10**6
    number = 0
    with path.open("w", encoding="utf-8") as out:
        written = out.write('{"name": "Канал", "type": "public_channel", "id": 1234567, "messages": [\n')
        while written < wanted:
            number += 1
            pieces = [
                {"type": "plain", "text": f"{number} {filler}"},
                {"type": "link", "text": "https://example.com/a"},
            ]
            message = desktop_message(number, text=[pieces[0]["text"], pieces[1]], text_entities=pieces)
            line = (",\n" if number > 1 else "") + json.dumps(message, ensure_ascii=False, indent=1)
            out.write(line)
            written += len(line.encode())
        out.write("\n]}\n")
    return number
