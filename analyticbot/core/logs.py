"""Structured logs: one line per event, with the id of the request or work."""

import logging
import logging.config
from typing import Any

import structlog

from analyticbot.core.context import current_request_id


def _add_request_id(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    request_id = current_request_id()
    if request_id:
        event.setdefault("request_id", request_id)
    return event


def logging_config(*, level: str, fmt: str, quiet: bool = False) -> None:
    """Send all logging through structlog: JSON lines, or readable ones with fmt="console"."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=False)
        if fmt == "console"
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                    "foreign_pre_chain": shared,
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": [] if quiet else ["stderr"], "level": level},
            "loggers": {
                "telethon": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
                "uvicorn.access": {"handlers": [], "propagate": False},
                "asyncio": {"level": "WARNING"},
            },
        }
    )
