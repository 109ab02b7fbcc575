"""The house style: its colours, and the decorator that every picture is drawn with."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import polars as pl

from incident_kit.errors import SchemaError
from incident_kit.plot.letters import families
from incident_kit.schema import is_pandas, to_polars

STYLE = Path(__file__).with_name("incident.mplstyle")

BLUE = "#0072B2"
ORANGE = "#E69F00"
VERMILLION = "#D55E00"
SKY = "#56B4E9"
INK = "#222222"
GREY = "#888888"

MADE_BY = {
    "plot_changes": "ik.compare(before, after).changes",
    "plot_dependencies": "found.dependencies",
    "plot_flame_comparison": "ik.compare_stacks(baseline, incident)",
    "plot_flame_graph": "ik.critical_stacks(spans)",
    "plot_latency_heatmap": "ik.latency_bands(requests)",
    "plot_operation_heatmap": "ik.critical_by_percentile(spans)",
    "plot_red": "ik.red(requests)",
    "plot_service_graph": "ik.service_graph(spans)",
    "plot_shares": "found.endpoints",
    "plot_waterfall": "ik.explain_trace(spans, trace_id)",
}
"""The call that makes the table of each picture, for error messages; `found` is a diagnosis."""

P = ParamSpec("P")
R = TypeVar("R")


def in_house_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Make a plot function accept polars and pandas frames and draw in the kit's style.

    The caller's matplotlib settings stay as they are. A frame that lacks a column raises a `SchemaError` that
    names the picture and the columns the frame has.
    """

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        import matplotlib as mpl
        import matplotlib.style

        tables = [_as_polars(value) for value in args]
        named = {name: _as_polars(value) for name, value in kwargs.items()}
        with mpl.style.context(STYLE):
            mpl.rcParams["font.family"] = list(families())
            try:
                drawn = draw(*tables, **named)
            except pl.exceptions.ColumnNotFoundError as error:
                raise SchemaError(_cannot_draw(draw.__name__, str(error))) from error
            interactive = mpl.is_interactive()
        # The first picture of a notebook loads the backend, which turns interactive mode on. Restoring the
        # settings must not turn it off again.
        mpl.interactive(interactive)
        return drawn

    return styled


def _cannot_draw(picture: str, error: str) -> str:
    made_by = MADE_BY.get(picture)
    mend = f"; give what `{made_by}` returns" if made_by else ""
    return f"{picture} cannot draw this table: {error.partition(chr(10))[0].rstrip('.')}{mend}."


def _as_polars(value: Any) -> Any:
    """Return a lazy or a pandas frame as an eager polars frame, and any other value unchanged."""
    return to_polars(value) if isinstance(value, pl.LazyFrame) or is_pandas(value) else value
