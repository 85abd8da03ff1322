"""Lines of the log: plain for people, or JSON for machines; each with the id of its request."""

import json
import logging
import os
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from common import request_id
from common.text import visible

FORMATS = ("line", "json")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
EXTRA = ("status", "ms", "view", "person")


class WithRequest(logging.Filter):
    """Adds the id of the request or job that is being worked on."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = request_id.current()
        return True


class Line(logging.Formatter):
    """A message is one line, whatever stands in it: nobody else writes lines of this log."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        facts = [f"{name}={value}" for name, value in facts_of(record).items()]
        told = " ".join([super().formatMessage(record), *facts])
        return visible(told.replace("\r", "\\r").replace("\n", "\\n"))


class Json(logging.Formatter):
    """One object a line: time, level, logger, message, and what is known beside."""

    def format(self, record: logging.LogRecord) -> str:
        found: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            **facts_of(record),
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            found["error"] = record.exc_text
        return json.dumps(found, ensure_ascii=False)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    known = {name: getattr(record, name, "") for name in EXTRA}
    known["request"] = getattr(record, "request", "")
    # Django puts the request itself into the records of its own loggers.
    return {name: value for name, value in known.items() if isinstance(value, int | float) or (
        isinstance(value, str) and value
    )}  # fmt: skip


def settings_of(debug: bool) -> dict[str, Any]:
    """Django's LOGGING, as the environment has it. Raises ImproperlyConfigured."""
    kind = _one_of("NIKASH_LOG_FORMAT", FORMATS, "line")
    level = _one_of("NIKASH_LOG_LEVEL", LEVELS, "INFO" if debug else "WARNING")
    access = _one_of("NIKASH_LOG_REQUESTS", ("1", "0"), "1" if kind == "json" else "0")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request": {"()": "config.logs.WithRequest"},
            "secrets": {"()": "config.redacting.Redacting"},
        },
        "formatters": {"line": {"()": "config.logs.Line"}, "json": {"()": "config.logs.Json"}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": kind,
                "filters": ["request", "secrets"],
            },
            "access": {
                "class": "logging.StreamHandler",
                "formatter": kind,
                "filters": ["request", "secrets"],
            },
        },
        "root": {"handlers": ["stderr"], "level": level},
        # The embedded broker has no host; kombu warns of that at every start.
        # bitsandbytes says at every import that a faster kernel for 4 bits is not installed.
        "loggers": {
            "kombu.connection": {"level": "ERROR"},
            "bitsandbytes.backends.cpu.ops": {"level": "ERROR"},
            "nikash.access": {
                "handlers": ["access"],
                "level": "INFO" if access == "1" else "WARNING",
                "propagate": False,
            },
        },
    }


def _one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    text = os.environ.get(name, "").strip() or default
    if text not in allowed:
        raise ImproperlyConfigured(f"{name} is {text!r}; write one of {', '.join(allowed)}.")
    return text
