"""The error for a log whose lines no format reads: what the log may be, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec
import polars as pl

from incident_kit.errors import TracesGivenError, UnknownFormatError
from incident_kit.nested import leaves
from incident_kit.read.layouts.pairs import keys_in
from incident_kit.read.parsing.no_requests import what_is
from incident_kit.sensitive import mask_secrets
from incident_kit.wording import listed

SHOWN_KEYS = 12
"""The most keys to list: in a longer sentence nobody would look for the right ones."""

SHOWN_CHARACTERS = 80
"""How many characters of an unreadable line are shown."""

MAX_MASKED_CHARACTERS = 2000
"""How many characters are searched for secrets before cutting.

No secret that begins in the shown part is longer.
"""


def unread(lines: pl.Series, source: str, tried: str) -> UnknownFormatError:
    """Return the error that says that no line fits, and what to do.

    Traces are referred to their own option. For lines with keys, the sentence lists the keys, to be mapped;
    for others it says how to name a format.
    """
    if dialect := _dialect(lines):
        return TracesGivenError(
            f"{source} looks like traces ({dialect}), no access log; give it as traces (traces=, --traces), "
            "or name the log's format (log_format=, --log-format)."
        )
    first = lines[0] if len(lines) else ""
    known = f": {told.removesuffix('.')}" if (told := what_is(first)) else ""
    looked_at = (
        "its one line does not fit" if len(lines) == 1 else f"none of its first {len(lines)} lines fits"
    )
    shown = f"the first is {_shown(first)!r}{known}"
    return UnknownFormatError(
        f"{source} was read as {tried}, and {looked_at} ({shown}); {_how_to_name(lines)}."
    )


def _shown(line: str) -> str:
    """Return the beginning of a line with its secrets masked, because it may end up in a build's log."""
    return mask_secrets(line[:MAX_MASKED_CHARACTERS])[:SHOWN_CHARACTERS]


def _how_to_name(lines: pl.Series) -> str:
    """Return how to specify the format of these lines, unless they are known to be no requests."""
    first = lines[0] if len(lines) else ""
    if len(lines) and all(map(what_is, lines)):
        return "leave it out, or give its folder, of whose files those that are no access logs are left out"
    for prefix, keys in (("json", _keys(_object(first))), ("logfmt", keys_in(first))):
        if known := list(islice(keys, SHOWN_KEYS)):
            return (
                f"it has the keys {listed(known)}: say which is what (log_format=, --log-format), as in "
                f"{prefix}:timestamp=KEY,method=KEY,target=KEY,status=KEY"
            )
    return (
        "name the format (log_format=, --log-format) as `incident-kit formats` does, or give the server's "
        "own format string there, after nginx:, apache:, haproxy:, squid: or gunicorn:"
    )


def _object(line: str) -> object:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _keys(value: object) -> Iterator[str]:
    """Yield the keys of a JSON object as mappings name them; keys of inner objects follow a dot."""
    return (".".join(keys) for keys, _ in leaves(value))


def _dialect(lines: pl.Series) -> str | None:
    """Return the trace dialect that the lines begin like, or None."""
    from incident_kit.read.spans.dialect import known_formats

    head = "\n".join(lines).encode()
    return next((known.name for known in known_formats().values() if known.recognises(head)), None)
