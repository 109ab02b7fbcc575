"""Draw which endpoints explain the extra bad requests: one bar each, and the bars add up to all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.plot.axes import axes_or_new, label, legend_below, say_instead, title
from incident_kit.plot.picture import picture_of
from incident_kit.plot.rows import draw_shares, draw_zero, name_rows
from incident_kit.plot.style import BLUE, INK, ORANGE
from incident_kit.wording import UNEXPLAINED, share_with_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MAX_BARS = 8  # nobody can compare more bars; the rest is one bar
WORTH_NAMING = 0.1  # the title names no endpoint with a smaller share
MIN_SHARE = 0.005  # a shorter bar is invisible, so it joins the rest
INCHES_A_BAR, INCHES_AROUND = 0.42, 1.8
NOTHING = "There are no extra bad requests to share out between endpoints."
UNASKED = "Endpoints share the extra bad requests of an incident; none is shown here."
EXTRA, NEVER_ARRIVED = "extra bad requests", "requests that never arrived"
MARK: dict[str, Any] = {"marker": "|", "color": INK, "markersize": 9}


@picture_of(
    "found.endpoints",
    incident=pl.Int64, method=pl.String, route=pl.String, share=pl.Float64, low=pl.Float64,
    high=pl.Float64, rate_share=pl.Float64, mix_share=pl.Float64,
)  # fmt: skip
def plot_shares(
    endpoints: pl.DataFrame,
    incident: int | None = 0,
    *,
    outage: bool = False,
    finding: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw each endpoint's share of the extra bad requests, split into worse answers and more traffic.

    Parameters
    ----------
    endpoints
        `incident, method, route, share, low, high, rate_share, mix_share`; shares of an incident sum to 1.
    incident
        The number of the incident. With None the picture says that there is none.
    outage
        Whether the shares are of requests that never arrived, and not of extra bad requests.
    """
    if incident is None:
        return say_instead(ax, UNASKED)
    if endpoints.filter(incident=incident).is_empty():
        return say_instead(ax, NOTHING)
    rows, whole = bars(endpoints, incident), NEVER_ARRIVED if outage else EXTRA
    axes = axes_or_new(ax, INCHES_AROUND + INCHES_A_BAR * rows.height)
    _draw_terms(axes, rows, "never arrived" if outage else "got worse")
    draw_shares(axes, rows, **MARK)
    draw_zero(axes)
    name_rows(axes, [label(name) for name in rows["name"]])
    axes.set_xlabel(f"share of the {whole}, % (all bars sum to 100)")
    _legend(axes)
    title(axes, finding or _finding(rows, whole))
    return axes


def _draw_terms(axes: Axes, rows: pl.DataFrame, how: str) -> None:
    """Draw the two terms of each share in per cent: in a row where they have one sign.

    `how` names the term of the rate.
    """
    places = range(rows.height)
    rate, mix = (100 * rows[name].to_numpy() for name in ("rate_share", "mix_share"))
    axes.barh(places, rate, height=0.62, color=BLUE, label=how)
    axes.barh(
        places,
        mix,
        left=[worse if worse * more > 0 else 0 for worse, more in zip(rate, mix, strict=True)],
        height=0.62,
        color=ORANGE,
        hatch="////",
        edgecolor="white",
        label="got more traffic",
    )


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D

    interval = Line2D([], [], linewidth=1.6, label="share and 95 % interval", **MARK)
    legend_below(axes, [*axes.get_legend_handles_labels()[0], interval])


def bars(endpoints: pl.DataFrame, incident: int) -> pl.DataFrame:
    """Return the rows to draw: the largest endpoints, one for the rest, and one for the unexplained part."""
    method = pl.col("method").replace("", None)  # of a log without methods
    rows = endpoints.filter(pl.col("incident") == incident).with_columns(
        name=pl.when(pl.col("route") == UNEXPLAINED)
        .then(pl.col("route"))
        .otherwise(pl.concat_str(method, "route", separator=" ", ignore_nulls=True))
    )
    columns = ("name", "share", "low", "high", "rate_share", "mix_share")
    named = rows.filter(pl.col("route") != UNEXPLAINED).sort("share", descending=True).select(columns)
    visible = pl.col("share").abs() >= MIN_SHARE
    named, small = named.filter(visible), named.filter(~visible)
    last = rows.filter(pl.col("route") == UNEXPLAINED).select(columns)
    rest = pl.concat([named[MAX_BARS:], small])
    others = [_summed(rest)] if rest.height else []
    return pl.concat([named[:MAX_BARS], *others, last])


def _summed(rest: pl.DataFrame) -> pl.DataFrame:
    """Return the sum of several rows, without an interval, since intervals do not add."""
    return rest.select(
        pl.lit(f"({rest.height:,} others)").alias("name"),
        pl.col("share").sum(),
        pl.lit(None, pl.Float64).alias("low"),
        pl.lit(None, pl.Float64).alias("high"),
        pl.col("rate_share", "mix_share").sum(),
    )


def _finding(rows: pl.DataFrame, whole: str) -> str:
    if rows["share"][0] <= 0:
        return f"Which endpoint do the {whole} belong to?"
    name, share, low, high = rows.select("name", "share", "low", "high").row(0)
    if low is None or share < WORTH_NAMING:
        return f"No endpoint stands out: the {whole} are spread over many"
    does = "has" if whole == NEVER_ARRIVED else "explains"
    return f"{name} {does} {share_with_interval(share, low, high)} of the {whole}"
