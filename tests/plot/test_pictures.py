"""Every picture has a title, named axes with units, data in it, and no text that leaves the figure."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import polars as pl
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from incident_kit.errors import ParameterError, SchemaError
from incident_kit.plot.axes import LABEL_WIDTH, label
from incident_kit.plot.changes import plot_changes
from incident_kit.plot.dependencies import plot_dependencies
from incident_kit.plot.latency_heatmap import plot_latency_heatmap
from incident_kit.plot.red import plot_red
from incident_kit.plot.shares import bars, plot_shares
from incident_kit.slo import Targets

Draw = Callable[[dict[str, pl.DataFrame]], Any]
PICTURES: dict[str, Draw] = {
    "red": lambda table: plot_red(table["red"], incidents=table["incidents"], events=table["events"]),
    "red without durations": lambda table: plot_red(table["red"].drop("p50_ms", "p95_ms", "p99_ms")),
    "latency heat map": lambda table: plot_latency_heatmap(table["durations"], incidents=table["incidents"]),
    "shares": lambda table: plot_shares(table["endpoints"]),
    "dependencies": lambda table: plot_dependencies(table["dependencies"]),
    "changes": lambda table: plot_changes(table["changes"]),
    "a candidate only": lambda table: plot_dependencies(table["dependencies"].with_columns(stated=False)),
}


TAKEN_AS_THEY_ARE = ("red", "latency heat map", "shares", "dependencies", "changes")
"""The pictures above whose tables no test has to change first."""


@pytest.fixture
def tables(request: pytest.FixtureRequest) -> dict[str, pl.DataFrame]:
    names = ("red", "incidents", "events", "durations", "endpoints", "dependencies", "changes")
    return {name: request.getfixturevalue(name) for name in names}


def texts_outside(figure: Figure) -> list[str]:
    """Return every visible text whose box leaves the figure."""
    figure.canvas.draw()
    page = figure.bbox.padded(1)
    keys = {text for legend in figure.findobj(Legend) for text in legend.get_texts()}
    return [
        text.get_text()
        for text in figure.findobj(mpl.text.Text)
        if text.get_visible() and text.get_text().strip()
        if text in keys or not text.get_clip_on()
        if not (page.contains(*text.get_window_extent().min) and page.contains(*text.get_window_extent().max))
    ]


def test_a_targets_name_stands_clear_of_the_times_below(red: pl.DataFrame) -> None:
    failing = red.drop("p50_ms", "p95_ms", "p99_ms").with_columns(error_rate=pl.lit(0.3))
    errors = plot_red(failing)[-1]
    errors.get_figure(root=True).canvas.draw()
    (name,) = (text for text in errors.texts if text.get_text().startswith("target"))
    assert name.get_window_extent().y0 >= errors.get_window_extent().y0


@pytest.mark.parametrize("decades", [0, 1, 5])
def test_no_line_runs_through_the_legend_however_many_decades_are_drawn(
    red: pl.DataFrame, decades: int
) -> None:
    wide = red.with_columns(p99_ms=pl.col("p50_ms").max() * 10**decades)
    durations = plot_red(wide)[-1]
    durations.get_figure(root=True).canvas.draw()
    top = max(line.get_ydata().max() for line in durations.get_lines()[:3])
    legend = durations.get_legend().get_window_extent()
    assert durations.transData.transform((0, top))[1] < legend.y0


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())
def test_no_text_leaves_the_figure(draw: Draw, tables: dict[str, pl.DataFrame]) -> None:
    draw(tables)
    assert texts_outside(plt.gcf()) == []


def test_points_stand_in_the_middle_of_their_buckets_and_partial_ones_are_left_out(red: pl.DataFrame) -> None:
    first, second = red["time"][:2]
    partial = red.with_row_index("n").with_columns(partial=pl.col("n").is_in([0, 89]))
    (line,) = plot_red(partial)[0].get_lines()
    drawn = pl.Series(line.get_xdata(orig=True)).dt.replace_time_zone("UTC")
    assert (len(drawn), drawn[0]) == (88, second + (second - first) / 2)


def test_where_a_clock_goes_forward_no_two_times_are_written_over_each_other(red: pl.DataFrame) -> None:
    night = pl.datetime_range(
        pl.datetime(2026, 3, 29, 0), pl.datetime(2026, 3, 29, 2), interval="1m", eager=True, time_zone="UTC"
    )
    axes = plot_red(red.head(90).with_columns(time=night[:90].cast(red["time"].dtype)), tz="Europe/Berlin")
    axes[-1].figure.canvas.draw()
    ticks = list(axes[-1].get_xticks())
    assert len(ticks) == len(set(ticks)) > 2


def test_partial_points_that_hold_a_part_of_the_requests_are_drawn(red: pl.DataFrame) -> None:
    few = red.head(6).with_row_index("n").with_columns(partial=pl.col("n").is_in([0, 5]))
    assert len(plot_red(few)[1].get_lines()[0].get_xdata()) == 6


def test_the_area_below_a_line_ends_where_the_line_does_also_beside_a_gap(red: pl.DataFrame) -> None:
    times = red["time"][:6]
    gapped = red.head(6).with_columns(requests_per_s=pl.Series([None, 3.0, 3.0, 4.0, 3.0, None]))
    rate = plot_red(gapped)[0]
    (area,) = (path.get_extents() for path in rate.collections[0].get_paths())
    corners = rate.collections[0].get_paths()[0].vertices
    width = (times[1] - times[0]).total_seconds() / 86_400
    filled = [x for x, y in corners if y == 3.0]
    assert area.y1 == 4.0
    assert max(filled) - min(filled) == pytest.approx(4 * width)


@pytest.mark.parametrize(("rows", "asked"), [(0, "How did the service do?"), (1, "When did it begin")])
def test_where_there_was_no_incident_the_title_asks_for_none(
    red: pl.DataFrame, incidents: pl.DataFrame, rows: int, asked: str
) -> None:
    assert plot_red(red, incidents=incidents.head(rows))[0].get_title(loc="left").startswith(asked)


def test_narrow_bands_of_durations_have_plain_numbers_and_no_half_requests(durations: pl.DataFrame) -> None:
    few = durations.filter(pl.col("low_ms").is_between(20, 60)).with_columns(requests=pl.lit(1))
    axes = plot_latency_heatmap(few)
    axes.figure.canvas.draw()
    numbers = [text.get_text() for each in axes.figure.axes for text in each.get_yticklabels(which="both")]
    assert "$" not in "".join(numbers)
    assert "0.5" not in numbers


@pytest.mark.parametrize("letters", ["数据", "каталог", "\U0001f525", "\u0e01"])
def test_letters_that_no_font_has_are_told_apart_and_nothing_is_warned_of(
    endpoints: pl.DataFrame, letters: str
) -> None:
    axes = plot_shares(endpoints.with_columns(route=pl.lit(f"/{letters}")))
    axes.figure.canvas.draw()
    names = {text.get_text() for text in axes.get_yticklabels()}
    assert any(f"/{letters}" in name or f"/{ascii(letters)[1:-1]}" in name for name in names)


@pytest.mark.parametrize("draw", PICTURES.values(), ids=PICTURES.keys())
def test_no_axes_are_empty_or_unnamed(draw: Draw, tables: dict[str, pl.DataFrame]) -> None:
    axes = draw(tables)
    stacked = axes if isinstance(axes, tuple) else (axes,)
    assert all(each.has_data() for each in plt.gcf().axes)
    assert stacked[0].get_title(loc="left")
    assert stacked[-1].get_xlabel()
    assert all(each.get_ylabel() or each.get_yticklabels() for each in stacked)


def test_the_time_axis_names_its_zone(red: pl.DataFrame) -> None:
    assert plot_red(red)[-1].get_xlabel() == "2026-01-31, UTC"
    assert plot_red(red, tz="Asia/Tokyo")[-1].get_xlabel() == "2026-01-31, Asia/Tokyo"


def test_seconds_on_the_time_axis_are_not_taken_for_minutes(red: pl.DataFrame) -> None:
    axes = plot_red(red[:1])[-1]
    axes.figure.canvas.draw()
    assert {len(each.get_text()) for each in axes.get_xticklabels()} == {len("10:00"), len("10:00:10")}


def test_the_time_axis_names_the_days_of_the_data_and_not_of_its_margins(red: pl.DataFrame) -> None:
    minutes = pl.duration(minutes=pl.int_range(pl.len()) * 16)
    day = red.with_columns(time=pl.col("time").dt.truncate("1d") + minutes)
    assert plot_red(day)[-1].get_xlabel() == "2026-01-31, UTC"


@pytest.mark.parametrize("as_other", [pl.DataFrame.to_pandas, pl.DataFrame.lazy], ids=["pandas", "lazy"])
@pytest.mark.parametrize("draw", [PICTURES[name] for name in TAKEN_AS_THEY_ARE], ids=TAKEN_AS_THEY_ARE)
def test_other_frames_are_drawn_like_those_of_polars(
    draw: Draw, tables: dict[str, pl.DataFrame], as_other: Callable[[pl.DataFrame], Any]
) -> None:
    def words() -> list[str]:
        return [text.get_text() for text in plt.gcf().findobj(mpl.text.Text)]

    draw(tables)
    expected = words()
    plt.close("all")
    draw({name: as_other(table) for name, table in tables.items()})
    assert words() == expected


def test_a_table_of_another_kind_is_refused_by_what_makes_the_right_one(endpoints: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match=r"no table as `ik\.red\(requests\)` .* no column time, requests"):
        plot_red(endpoints)


def test_a_column_of_another_type_is_named(red: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match=r"`ik\.red\(requests\)` .* column requests has the type String"):
        plot_red(red.with_columns(requests=pl.lit("many")))


def test_incidents_without_their_times_are_refused(red: pl.DataFrame, endpoints: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match=r"plot_red cannot draw these tables: .*start"):
        plot_red(red, incidents=endpoints)


def test_the_table_may_be_given_by_name(red: pl.DataFrame) -> None:
    assert len(plot_red(red=red)) == len(plot_red(red))


def test_several_rows_a_bucket_are_not_drawn_as_one(red: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match="several rows a bucket"):
        plot_red(pl.concat([red, red]))


def test_a_misspelt_indicator_is_not_called_too_little_data(changes: pl.DataFrame) -> None:
    with pytest.raises(ParameterError, match="no indicator 'erors' to draw; it is errors or latency"):
        plot_changes(changes, "erors")


def test_a_score_is_seen_beside_the_most_it_could_be(dependencies: pl.DataFrame) -> None:
    faint = dependencies.with_columns(pl.col("score", "share", "low", "high") / 10)
    assert plot_dependencies(faint).get_xlim()[1] >= 100


def test_an_open_incident_is_shaded_to_the_edge(red: pl.DataFrame, incidents: pl.DataFrame) -> None:
    open_ended = incidents.with_columns(end=pl.lit(None, pl.Datetime("us", "UTC")))
    axes = plot_red(red, incidents=open_ended)[0]
    shade = axes.patches[0].get_extents()
    assert shade.x1 == pytest.approx(axes.bbox.x1, abs=1)


def test_targets_are_drawn_where_they_are(red: pl.DataFrame) -> None:
    _, errors, duration = plot_red(red, targets=Targets(latency_ms=300, error_rate=0.01))
    assert 300 in [line.get_ydata()[0] for line in duration.lines]
    assert 1 in [line.get_ydata()[0] for line in errors.lines]
    assert "target\n300 ms" in [text.get_text() for text in duration.texts]


def test_a_targets_name_hides_nothing_and_its_line_is_like_no_other(red: pl.DataFrame) -> None:
    _, _, duration = plot_red(red)
    plt.gcf().canvas.draw()
    (name,) = [text for text in duration.texts if text.get_text().startswith("target")]
    assert name.get_window_extent().x0 > duration.bbox.x1
    assert len({str(line._unscaled_dash_pattern) for line in duration.lines[-2:]}) == 2  # type: ignore[attr-defined]


def test_a_single_bucket_is_a_dot_in_its_minute(red: pl.DataFrame) -> None:
    rate, *_ = plot_red(red[:1])
    (line,) = rate.get_lines()
    assert line.get_marker() == "o"
    left, right = rate.get_xlim()
    assert (right - left) * 86_400 == pytest.approx(60, abs=1e-3)


def test_nothing_to_draw_over_time_is_said(red: pl.DataFrame) -> None:
    (axes,) = plot_red(red.clear())
    assert axes.texts[0].get_text() == "There is no valid request to draw over time."


def test_a_log_without_durations_has_no_third_panel(red: pl.DataFrame) -> None:
    assert len(plot_red(red.with_columns(p95_ms=pl.lit(None, pl.Float64)))) == 2


def test_bars_add_up_to_the_whole(endpoints: pl.DataFrame) -> None:
    drawn = bars(endpoints, 0)
    assert drawn["share"].sum() == pytest.approx(1)
    assert drawn["name"][-1] == "(unexplained)"
    assert drawn["name"][-2] == "(4 others)"


def test_an_endpoint_without_a_method_is_named_by_its_route(endpoints: pl.DataFrame) -> None:
    assert bars(endpoints.with_columns(method=pl.lit("")), 0)["name"][0] == "/checkout/{id}"


def test_the_finding_is_the_title(endpoints: pl.DataFrame, dependencies: pl.DataFrame) -> None:
    shares = plot_shares(endpoints).get_title(loc="left").replace("\n", " ")
    assert shares == "GET /checkout/{id} explains 82 % (78 to 85) of the extra bad requests"
    assert plot_dependencies(dependencies).get_title(loc="left") == "The evidence points to postgresql"
    candidates = plot_dependencies(dependencies.with_columns(stated=False)).get_title(loc="left")
    assert candidates == "No dependency is surely the cause"


def test_of_an_outage_the_picture_shows_requests_that_never_arrived(endpoints: pl.DataFrame) -> None:
    axes = plot_shares(endpoints, outage=True)
    (legend,) = [axes.get_legend()]
    assert legend is not None
    words = [axes.get_title(loc="left"), axes.get_xlabel(), *(text.get_text() for text in legend.texts)]
    assert "has 82 % (78 to 85) of the requests that never arrived" in words[0].replace("\n", " ")
    assert not [text for text in words if "bad" in text or "worse" in text]


def test_drawing_on_axes_given_draws_there(endpoints: pl.DataFrame) -> None:
    _, mine = plt.subplots()
    assert plot_shares(endpoints, ax=mine) is mine


def test_the_callers_settings_stay(endpoints: pl.DataFrame) -> None:
    before = mpl.rcParams.copy()
    plot_shares(endpoints)
    assert mpl.rcParams == before


def test_names_from_a_log_are_not_typeset(endpoints: pl.DataFrame) -> None:
    hostile = endpoints.with_columns(route=pl.lit("/$\\undefined{$/\x1b[31m"))
    axes: Axes = plot_shares(hostile)
    axes.figure.canvas.draw()
    assert "\x1b" not in "".join(text.get_text() for text in axes.get_yticklabels())


@pytest.mark.parametrize("before", range(4))
def test_a_finding_of_any_length_is_wrapped_and_cut_to_no_formula(
    endpoints: pl.DataFrame, before: int
) -> None:
    axes = plot_shares(endpoints, finding="a" * before + "$\\frac{" * 1000)
    axes.figure.canvas.draw()
    text = axes.get_title(loc="left")
    assert text.count("$") == text.count(r"\$")
    assert text.count("\n") < 10


def test_a_name_of_many_lines_is_one_line() -> None:
    assert "\n" not in label("a\n" * 9)


NOTHING_TO_DRAW: dict[str, Draw] = {
    "no durations": lambda table: plot_latency_heatmap(table["durations"].clear()),
    "no incident for shares": lambda table: plot_shares(table["endpoints"], None),
    "no such incident": lambda table: plot_shares(table["endpoints"], 7),
    "no changes of latency": lambda table: plot_changes(table["changes"], "latency"),
    "no dependencies": lambda table: plot_dependencies(table["dependencies"].clear()),
    "no incident for dependencies": lambda table: plot_dependencies(table["dependencies"], None),
}


@pytest.mark.parametrize("draw", NOTHING_TO_DRAW.values(), ids=NOTHING_TO_DRAW.keys())
def test_nothing_to_draw_is_said_in_place_of_empty_axes(draw: Draw, tables: dict[str, pl.DataFrame]) -> None:
    axes = draw(tables)
    assert not axes.axison
    assert axes.texts[0].get_text()
    assert texts_outside(plt.gcf()) == []


def test_a_table_without_its_columns_is_refused_with_the_mend(durations: pl.DataFrame) -> None:
    with pytest.raises(SchemaError, match="latency_bands"):
        plot_latency_heatmap(durations.drop("low_ms"))


def test_a_gap_between_two_bands_stays_empty(durations: pl.DataFrame) -> None:
    gapped = durations.filter(~pl.col("low_ms").is_between(30, 200))
    mesh = plot_latency_heatmap(gapped).collections[0]
    heights = mesh.get_coordinates()[:, 0, 1]
    assert all(low < high for low, high in pairwise(heights))
    assert mesh.get_array().mask.all(axis=1).any()


def test_where_no_endpoint_stands_out_the_title_says_so() -> None:
    rows = [(0, "GET", f"/p{number}", 0.002, 0.001, 0.003, 0.002, 0.0) for number in range(500)]
    columns = ["incident", "method", "route", "share", "low", "high", "rate_share", "mix_share"]
    axes = plot_shares(pl.DataFrame(rows, schema=columns, orient="row"))
    assert axes.get_title(loc="left").startswith("No endpoint stands out")
    assert [each.get_text() for each in axes.get_yticklabels()] == ["(500 others)"]


@pytest.mark.parametrize("before", range(LABEL_WIDTH))
def test_a_name_full_of_dollars_is_shortened_to_no_formula(before: int) -> None:
    shortened = label("a" * before + "$" * LABEL_WIDTH + "a")
    assert shortened.count("$") == shortened.count(r"\$")
    assert len(shortened.replace(r"\$", "$")) == LABEL_WIDTH
