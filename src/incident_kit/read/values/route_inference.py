"""Guess the route template of a path from the path alone.

Ids, UUIDs and hashes become `{id}`, dates `{date}`: `/users/42/orders/2026-10-10` becomes
`/users/{id}/orders/{date}`. The guess is a pure function of one path, so it is the same in every file, batch
and worker. It is made for distinct paths only. Letters beyond ASCII are decoded, however they were sent
(`/%D0%B0` is `/а`: RFC 3987, section 3.2).
"""

from __future__ import annotations

import re

import polars as pl

from incident_kit.distinct import dictionary_encode, repeats
from incident_kit.read.values.rewriting import rewrite_matching

# The path's segments are put on lines of their own while they are matched, so that ^ and $ match the ends of
# a segment.
DATE = (
    r"(?m)^(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?:T[\d:.Z+-]*)?"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\n(?:0[1-9]|1[0-2])\n(?:0[1-9]|[12]\d|3[01]))$"
)
UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
# Eight hexadecimal digits are a hash: hardly any word of that length consists of the letters a to f.
HASH = r"[0-9a-f]{8,}|[0-9A-F]{8,}"
# A token or ULID mixes letters and digits, and is longer than names that do so.
MIXED = r"[A-Za-z]{0,12}\d[0-9A-Za-z]{10,}"
WHOLE_ID = rf"(?m)^(?:\d+|{HASH}|{UUID}|{MIXED})"
# An id after a separator, as in app.3f9a27c1.js or order-12345. A shorter number may be a version or a page.
INNER_ID = rf"([-_.:=])(?:{UUID}|[0-9a-fA-F]{{8,}}|\d{{4,}})\b"
# The replacements, in this order. An id that fills a segment ends at the segment's end or before an extension
# or a colon. Three patterns without a group are far faster than one pattern with a group.
REPLACED = (
    (DATE, "{date}"),
    (WHOLE_ID + r"$", "{id}"),
    (WHOLE_ID + r"\.", "{id}."),
    (WHOLE_ID + r":", "{id}:"),
    (INNER_ID, "${1}{id}"),
)

ENCODED_LETTERS = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def infer_routes(paths: pl.Series) -> pl.Series:
    """Guess the route template of each path; null stays null."""
    if not repeats(paths):
        return _guessed(paths)
    known = dictionary_encode(paths)
    return _guessed(known.values).gather(known.codes)


def _guessed(paths: pl.Series) -> pl.Series:
    """Guess the route template of each path, on all cores."""
    path = rewrite_matching(pl.col("path"), ENCODED_LETTERS.pattern, _with_letters)
    route = path.str.replace_all("/", "\n", literal=True)
    for pattern, placeholder in REPLACED:
        route = route.str.replace_all(pattern, placeholder)
    route = route.str.replace_all("\n", "/", literal=True).alias("route")
    share = max(1, -(-len(paths) // pl.thread_pool_size()))
    parts = [part.lazy().select(route) for part in paths.alias("path").to_frame().iter_slices(share)]
    return pl.concat([pl.Series("route", dtype=pl.String).to_frame(), *pl.collect_all(parts)]).to_series()


def _with_letters(path: str) -> str:
    """Return a path with letters beyond ASCII decoded; bytes that are no UTF-8 stay encoded."""
    return ENCODED_LETTERS.sub(_letters, path)


def _letters(found: re.Match[str]) -> str:
    try:
        text = bytes.fromhex(found[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return found[0]
    # The client chooses the path, so invisible characters, and characters that turn the text around, stay
    # encoded.
    return text if text.isprintable() else found[0]
