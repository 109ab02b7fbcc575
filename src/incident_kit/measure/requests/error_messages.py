"""Messages of errors: the one that an application logged with a request, and which messages say the same.

Example: a Node.js logger writes `"err": {"type": "DbError", "message": "192.0.2.7:5432 refused"}` in the line
of a request, which the reader keeps in `extra`. The line of another request names 192.0.2.8; both say the
same.
"""

from __future__ import annotations

import polars as pl

from incident_kit.nested import value_at

LOGGED = (
    *((holder, text) for holder in ("error", "err", "exception") for text in ("message", "msg", "type")),
    ("error.message",), ("exception.message",), ("exception", "exception_message"),
    ("error_message",), ("error_msg",), ("errorMessage",), ("exception_message",), ("exceptionMessage",),
    ("error_reason",), ("failure_reason",),
    ("error",), ("err",), ("exception",),
)  # fmt: skip
"""Keys of the fields in which loggers, ECS and OpenTelemetry hold an error, the best first."""

NOTHING = r"(?i)^[\s\d.]*$|^(?:-|null|nil|none|true|false|error|_other)$"
"""A message that is only a status code, or says no more than that there is an error, says nothing."""

VARIES = r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?:0x)?[0-9a-f]*[0-9][0-9a-f]*\b"
"""Ids, addresses and numbers, in which messages that say the same differ."""


def logged_errors(failed: pl.DataFrame) -> pl.DataFrame:
    """Return the message that each of some failed requests was logged with, null where there is none.

    `failed` is a frame of REQUESTS. Columns: `start` (of the request), `message` (its first line).
    """
    message = pl.coalesce(said(value_at(keys, "extra")) for keys in LOGGED)
    return failed.select(start="start_time", message=message)


def said(message: pl.Expr) -> pl.Expr:
    """Return the first line of a message, null if it says nothing."""
    line = message.str.strip_chars().str.extract(r"^([^\r\n]+)")
    return pl.when(~line.str.contains(NOTHING)).then(line)


def alike(message: pl.Expr) -> pl.Expr:
    """Return a message without what varies between those that say the same."""
    return message.str.replace_all(VARIES, "#")
