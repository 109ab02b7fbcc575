"""Read the user's route templates, and match paths against them.

Templates are a list such as `["/users/{id}"]`, an OpenAPI document, or a file with either. Placeholders are
written as the user's framework writes them: `/users/<int:id>` and `/users/:id` are `/users/{id}` as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from incident_kit.errors import ParameterError, reason

if TYPE_CHECKING:
    from werkzeug.routing import MapAdapter

Routes = str | Path | Sequence[str] | Mapping[str, Any]

# Placeholders as frameworks write them: {id}, {id:int}, {rest...}, <id>, <int:id>, :id. A `rest` may hold
# slashes.
PLACEHOLDER = re.compile(r"\{(?P<brace>[^}]*)\}|<(?P<angle>[^>]*)>|(?<=/):(?P<colon>\w+)")
REST_MARKS = ("path", "...", "*")
METHODS = re.compile(r"^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT)\s+")


def read_templates(routes: Routes) -> list[str]:
    """Return the route templates of a list, an OpenAPI document, or a file with either.

    Raises
    ------
    ParameterError
        If they cannot be read, or there is none.
    """
    given = _load(Path(routes)) if isinstance(routes, str | Path) else routes
    templates = list(_openapi_paths(given) if isinstance(given, Mapping) else _checked(given))
    if not templates:
        named = f"The routes file {routes}" if isinstance(routes, str | Path) else "The list of routes"
        raise ParameterError(f"{named} holds no template; give some such as /users/{{id}}.")
    return templates


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


def _openapi_paths(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of an OpenAPI document, below the path of each of its servers."""
    paths = document.get("paths")
    if not isinstance(paths, Mapping):
        raise ParameterError(
            "The OpenAPI document of the routes has no `paths`; give a whole document, or templates."
        )
    servers = document.get("servers") or [{"url": ""}]
    if not isinstance(servers, list) or not all(isinstance(server, Mapping) for server in servers):
        raise ParameterError(
            "The OpenAPI document of the routes has `servers` that are no list of `url:`; mend them."
        )
    bases = dict.fromkeys(urlsplit(str(server.get("url", ""))).path.rstrip("/") for server in servers)
    yield from (base + path for base in bases for path in paths)


def _checked(templates: Iterable[object]) -> Iterator[str]:
    """Yield templates without the methods before them."""
    for template in templates:
        path = METHODS.sub("", str(template).strip())
        if not path.startswith("/"):
            raise ParameterError(f"The route {template!r} begins with no slash; write it like /users/{{id}}.")
        if "<" in PLACEHOLDER.sub("", path):
            raise ParameterError(
                f"The route {template!r} opens a `<` and does not close it; write <id> or {{id}}."
            )
        yield path


def matcher(templates: Iterable[str]) -> MapAdapter:
    """Return the matcher of paths; of templates that differ only in placeholders' names, the first counts."""
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


def match(adapter: MapAdapter, path: str) -> str | None:
    """Return the template that a path fits, if any."""
    from werkzeug.exceptions import HTTPException

    try:
        return str(adapter.match(path)[0])
    except HTTPException:
        return None
