"""Rate, errors and duration over time: shows when an incident began and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from incident_kit.errors import SchemaError
from incident_kit.plot.axes import say_instead, title
from incident_kit.plot.over_time import draw_events, shade_incidents, time_axis, time_limits
from incident_kit.plot.picture import picture_of
from incident_kit.plot.red_panels import PANELS
from incident_kit.schema import TIME_US
from incident_kit.slo import Targets

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUESTION = "When did it begin, and how bad is it?"
CALM = "How did the service do?"
NOTHING = "There is no valid request to draw over time."
ONE_GROUP = "filter it to one endpoint, or measure it without `by`"
INCHES_A_PANEL = 1.75
NEARLY_ALL = 0.95  # least part of the requests to draw: in a log of ten lines the tenth may be the error


@picture_of("ik.red(requests)", time=TIME_US, requests=pl.Int64)
def plot_red(
    red: pl.DataFrame,
    *,
    incidents: pl.DataFrame | None = None,
    targets: Targets | Mapping[str, float] | None = None,
    events: pl.DataFrame | None = None,
    question: str | None = None,
    tz: str = "UTC",
    ax: Sequence[Axes] | None = None,
) -> tuple[Axes, ...]:
    """Draw rate, errors and duration as stacked panels with one time axis.

    Parameters
    ----------
    red
        `ik.red` of the whole service: one row a bucket. Buckets that the log covers only in part are left
        out, unless the others hold less than nearly all requests.
    incidents
        `start`, `end` of the stretches to shade; a null end is open. Without incidents the title asks how
        the service did.
    events
        `time`, `what` of deploys and similar changes, drawn as lines.
    ax
        One axes for each panel, from the top. A log without durations has no third panel.

    Returns
    -------
    The axes, from the top.

    Raises
    ------
    SchemaError
        If a bucket has several rows, as in `red` by endpoint.
    """
    if red["time"].is_duplicated().any():
        raise SchemaError(f"The table has several rows a bucket, and one is drawn; {ONE_GROUP}.")
    red = _centred(_whole(red))
    panels = [panel for panel in PANELS if panel.column in red.columns and red[panel.column].count()]
    if not panels:
        return (say_instead(ax[0] if ax else None, NOTHING),)
    axes = tuple(ax) if ax is not None else _stacked([panel.height for panel in panels])
    wanted = Targets.of(targets)
    for panel, each in zip(panels, axes, strict=True):
        panel.draw(each, red, wanted)
        time_limits(each, red["time"])
        shade_incidents(each, incidents)
        draw_events(each, events, text=each is axes[0])
    for upper in axes[:-1]:
        upper.tick_params(axis="x", labelbottom=False)
    time_axis(axes[-1], red["time"], tz)
    is_calm = incidents is not None and incidents.is_empty()
    title(axes[0], question or (CALM if is_calm else QUESTION))
    return axes


def _whole(red: pl.DataFrame) -> pl.DataFrame:
    """Return the buckets that the log covers fully, or all if those hold too few of the requests."""
    if "partial" not in red.columns:
        return red
    whole = red.filter(~pl.col("partial"))
    return whole if int(whole["requests"].sum()) >= NEARLY_ALL * int(red["requests"].sum()) else red


def _centred(red: pl.DataFrame) -> pl.DataFrame:
    """Return the buckets with their middles as times, so that steps and lines are centred on them."""
    width = red["time"].diff().drop_nulls().min()
    return red if width is None else red.with_columns(time=pl.col("time") + width / 2)  # type: ignore[operator]


def _stacked(heights: Sequence[float]) -> tuple[Axes, ...]:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    figure.set_figheight(INCHES_A_PANEL * sum(heights))
    figure.align_ylabels()
    return tuple(axes[:, 0])
