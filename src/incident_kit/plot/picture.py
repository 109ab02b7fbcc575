"""The decorator of every picture: which table it draws, checked, and the house style."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar

import polars as pl

from incident_kit.errors import SchemaError
from incident_kit.plot.style import in_house_style
from incident_kit.schema import AnyFrame, DType, is_pandas, table_of, to_polars

P = ParamSpec("P")
R = TypeVar("R")


def picture_of(
    made_by: str, **types: DType
) -> Callable[[Callable[Concatenate[pl.DataFrame, P], R]], Callable[Concatenate[AnyFrame, P], R]]:
    """Make a function draw a table of the kit in the house style, be it polars, eager or lazy, or pandas.

    Parameters
    ----------
    made_by
        The call that makes the table, which errors name.
    types
        The columns that the picture cannot do without, and their types.
    """

    def decorated(draw: Callable[Concatenate[pl.DataFrame, P], R]) -> Callable[Concatenate[AnyFrame, P], R]:
        styled: Callable[..., R] = in_house_style(draw)
        shape = signature(draw)
        first = next(iter(shape.parameters))

        @wraps(draw)
        def drawn(*args: Any, **kwargs: Any) -> R:
            given = {name: _as_polars(each) for name, each in shape.bind(*args, **kwargs).arguments.items()}
            given[first] = table_of(made_by, given[first], **types)
            try:
                return styled(**given)
            except pl.exceptions.ColumnNotFoundError as error:
                found = str(error).partition("\n")[0].rstrip(".")
                raise SchemaError(f"{draw.__name__} cannot draw these tables: {found}.") from error

        return drawn

    return decorated


def _as_polars(value: Any) -> Any:
    """Return a lazy or a pandas frame as an eager polars frame, and any other value unchanged."""
    return to_polars(value) if isinstance(value, pl.LazyFrame) or is_pandas(value) else value
