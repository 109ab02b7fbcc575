"""Turn paths into routes: matched against the user's own templates, or guessed from the path alone."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from incident_kit.distinct import dictionary_encode
from incident_kit.read.values.route_inference import infer_routes
from incident_kit.read.values.route_templates import Routes, match, matcher, read_templates

Finder = Callable[[pl.Series], pl.DataFrame]


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
    adapter = matcher(read_templates(routes))

    def find(paths: pl.Series) -> pl.DataFrame:
        known = dictionary_encode(paths)
        matched = [None if path is None else match(adapter, path) for path in known.values]
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
