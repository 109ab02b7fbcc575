"""Turn paths into route templates: guessed from the path alone, or matched against the user's own.

Ids, UUIDs and hashes become `{id}`, dates `{date}`: `/users/42/orders/2026-10-10` becomes
`/users/{id}/orders/{date}`. The guess is a pure function of one path, so it is the same in every file, batch
and worker. It is made for distinct paths only. Letters beyond ASCII are decoded, however they were sent
(`/%D0%B0` is `/а`: RFC 3987, section 3.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import polars as pl

from incident_kit.distinct import dictionary_encode, repeats
from incident_kit.errors import ParameterError, reason
from incident_kit.read.values.rewriting import rewrite_matching

if TYPE_CHECKING:
    from werkzeug.routing import MapAdapter

Routes = str | Path | Sequence[str] | Mapping[str, Any]
Finder = Callable[[pl.Series], pl.DataFrame]

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

# Placeholders as frameworks write them: {id}, {id:int}, {rest...}, <id>, <int:id>, :id. A `rest` may hold
# slashes.
PLACEHOLDER = re.compile(r"\{(?P<brace>[^}]*)\}|<(?P<angle>[^>]*)>|(?<=/):(?P<colon>\w+)")
REST_MARKS = ("path", "...", "*")
METHODS = re.compile(r"^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT)\s+")


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


def route_finder(routes: Routes | None = None) -> Finder:
    """Return the function that maps paths to their `route` and `route_inferred`.

    `routes` are the user's templates: a list such as `["/users/{id}"]`, an OpenAPI document, or a file with
    either. A path that fits none of them is guessed, and marked as inferred.

    Raises
    ------
    ParameterError
        If the templates cannot be read.
    """
    if routes is None:
        return lambda paths: _inferred(paths, infer_routes(paths))
    templates = list(_templates(routes))
    if not templates:
        named = f"The routes file {routes}" if isinstance(routes, str | Path) else "The list of routes"
        raise ParameterError(f"{named} holds no template; give some such as /users/{{id}}.")
    adapter = _matcher(templates)

    def find(paths: pl.Series) -> pl.DataFrame:
        known = dictionary_encode(paths)
        matched = [None if path is None else _match(adapter, path) for path in known.values]
        found = pl.Series("route", matched, dtype=pl.String).gather(known.codes)
        guessed = infer_routes(paths.zip_with(found.is_null(), pl.Series([None], dtype=pl.String)))
        return _inferred(paths, found.fill_null(guessed)).with_columns(
            route_inferred=pl.when(found.is_null() & paths.is_not_null())
            .then(True)
            .when(found.is_not_null())
            .then(False)
        )

    return find


def _inferred(paths: pl.Series, routes: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {"route": routes, "route_inferred": pl.select(pl.when(paths.is_not_null()).then(True)).to_series()}
    )


def _match(adapter: MapAdapter, path: str) -> str | None:
    from werkzeug.exceptions import HTTPException

    try:
        return str(adapter.match(path)[0])
    except HTTPException:
        return None


def _matcher(templates: list[str]) -> MapAdapter:
    from werkzeug.routing import Map, Rule

    rules: dict[str, Rule] = {}
    for template in templates:
        rule = _rule(template)
        rules.setdefault(rule, Rule(rule, endpoint=template, strict_slashes=False))
    return Map(rules.values(), merge_slashes=False).bind("localhost")


def _rule(template: str) -> str:
    """Convert a template to werkzeug's syntax; the placeholders' names do not matter."""
    count = iter(range(len(template)))

    def placeholder(found: re.Match[str]) -> str:
        inner = next(text for text in found.groups() if text is not None)
        return f"<{'path:' if any(mark in inner for mark in REST_MARKS) else ''}p{next(count)}>"

    return PLACEHOLDER.sub(placeholder, template)


def _templates(routes: Routes) -> Iterator[str]:
    given = _load(Path(routes)) if isinstance(routes, str | Path) else routes
    if isinstance(given, Mapping):
        paths = given.get("paths")
        if not isinstance(paths, Mapping):
            raise ParameterError(
                "The OpenAPI document of the routes has no `paths`; give a whole document, or templates."
            )
        servers = given.get("servers") or [{"url": ""}]
        if not isinstance(servers, list) or not all(isinstance(server, Mapping) for server in servers):
            raise ParameterError(
                "The OpenAPI document of the routes has `servers` that are no list of `url:`; mend them."
            )
        bases = dict.fromkeys(urlsplit(str(server.get("url", ""))).path.rstrip("/") for server in servers)
        yield from (base + path for base in bases for path in paths)
        return
    for template in given:
        path = METHODS.sub("", str(template).strip())
        if not path.startswith("/"):
            raise ParameterError(f"The route {template!r} begins with no slash; write it like /users/{{id}}.")
        if "<" in PLACEHOLDER.sub("", path):
            raise ParameterError(
                f"The route {template!r} opens a `<` and does not close it; write <id> or {{id}}."
            )
        yield path


def _load(path: Path) -> Sequence[str] | Mapping[str, Any]:
    """Read a file of routes: an OpenAPI document in YAML or JSON, or one template a line."""
    import yaml

    try:
        with path.open(encoding="utf-8") as file:
            if path.suffix not in {".yaml", ".yml", ".json"}:
                return [line for line in file.read().splitlines() if line.strip() and line[0] != "#"]
            loaded = yaml.safe_load(file)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ParameterError(
            f"The routes file {path} cannot be read: {reason(error)}; give templates such as /users/{{id}}, "
            "one a line, or an OpenAPI document."
        ) from error
    return loaded if isinstance(loaded, Mapping | list) else []
