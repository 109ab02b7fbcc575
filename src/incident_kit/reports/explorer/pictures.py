"""The pictures of the explorer as PNG: rate, errors and duration of what is chosen, and one trace."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.measure.indicators.red import red
from incident_kit.measure.spans.explain_trace import explain_trace
from incident_kit.plot.axes import say_instead
from incident_kit.plot.red import plot_red
from incident_kit.plot.style import in_house_style
from incident_kit.plot.waterfall import plot_waterfall
from incident_kit.slo import Targets

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NOTHING = "There is nothing of the kind here; choose another window, endpoint or dependency."


def red_picture(rows: pl.DataFrame, *, targets: Targets, **view: Any) -> bytes:
    """Return rows drawn by `plot_red` as PNG; without rows a picture that says so."""
    if rows.is_empty():
        return png(in_house_style(say_instead)(None, NOTHING))
    return png(plot_red(red(rows, targets=targets), targets=targets, **view)[0])


def waterfall_picture(spans: pl.DataFrame, trace_id: str) -> bytes:
    """Return one trace drawn beside its usual ranges as PNG."""
    return png(plot_waterfall(explain_trace(spans, trace_id)))


def png(axes: Axes) -> bytes:
    """Return the figure of some axes as PNG and close it, so that it is not displayed twice."""
    from matplotlib import pyplot as plt

    figure = axes.get_figure(root=True)
    written = BytesIO()
    figure.savefig(written, format="png")  # type: ignore[union-attr]
    plt.close(figure)
    return written.getvalue()
