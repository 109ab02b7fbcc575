"""The pictures of traces: they show what the tables hold, also when a table is empty or a name hostile."""

from __future__ import annotations

import polars as pl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from incident_kit.plot.flame_graph import plot_flame_comparison, plot_flame_difference, plot_flame_graph
from incident_kit.plot.operation_heatmap import plot_operation_heatmap
from incident_kit.plot.service_graph import plot_service_graph
from incident_kit.plot.waterfall import plot_waterfall


@pytest.fixture
def compared() -> pl.DataFrame:
    rows = [
        (["shop: POST /checkout"], 20.0, 190.0, 90.0, 100.0, None),
        (["shop: POST /checkout", "cart: GET"], 19.0, 19.0, 18.0, 1.0, None),
        (["shop: POST /checkout", "payments: pay"], 40.0, 150.0, 0.0, 150.0, "incident"),
        (["shop: POST /checkout", "payments: pay", "payments: SELECT"], 110.0, 110.0, 0.0, 110.0, "incident"),
        (["shop: POST /checkout", "recommendations: GET"], 0.0, 0.0, 51.0, -51.0, "baseline"),
    ]
    columns = ["stack", "self_ms", "total_ms", "baseline_ms", "difference_ms", "only"]
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture
def explained() -> pl.DataFrame:
    columns = (
        "order", "depth", "service", "name", "status", "begin_ms", "duration_ms", "self_ms",
        "usual_low_ms", "usual_ms", "usual_high_ms", "excess_ms", "unusual",
    )  # fmt: skip
    rows = [
        (0, 0, "shop", "POST /checkout", "unset", 0.0, 700.0, 30.0, 60.0, 90.0, 200.0, 1.0, False),
        (1, 1, "payments", "SELECT", "error", 20.0, 660.0, 660.0, 5.0, 9.0, 20.0, 651.0, True),
        (2, 1, "new", "never seen", "unset", 680.0, 10.0, 10.0, None, None, None, None, None),
    ]
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture
def graph() -> pl.DataFrame:
    rows = [
        ("shop", "cart", "service", 300, 0, 0.0, 30.0),
        ("shop", "payments", "service", 200, 20, 0.1, 480.0),
        ("payments", "postgresql", "database", 200, 20, 0.1, 420.0),
        ("payments", "shop", "service", 3, 0, 0.0, 2.0),
        ("cart", "cart", "service", 1, 0, 0.0, 1.0),
    ]
    columns = ["caller", "callee", "kind", "calls", "errors", "error_rate", "p95_ms"]
    return pl.DataFrame(rows, schema=columns, orient="row")


@pytest.fixture
def bands() -> pl.DataFrame:
    rows = [
        ("shop", "POST /checkout", "p0-p50", 50, 17.0),
        ("shop", "POST /checkout", "p50-p100", 50, 18.0),
        ("payments", "SELECT", "p50-p100", 50, 300.0),
    ]
    return pl.DataFrame(rows, schema=["service", "name", "band", "traces", "ms_per_trace"], orient="row")


def written(axes) -> str:
    """Return all text of a picture."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    figure.canvas.draw()
    labels = [
        label.get_text()
        for each in figure.axes
        for label in (*each.get_yticklabels(), *each.get_xticklabels())
    ]
    titles = [each.get_title(loc) for each in figure.axes for loc in ("left", "center")]
    return "\n".join([*(text.get_text() for each in figure.axes for text in each.texts), *labels, *titles])


def test_a_box_is_as_wide_as_its_time_and_lies_below_its_caller(compared: pl.DataFrame) -> None:
    axes = plot_flame_graph(compared)
    boxes = {(round(patch.get_width()), round(patch.get_y() + 0.5)): patch.get_x() for patch in axes.patches}
    assert boxes == {(190, 1): 0, (19, 2): 0, (150, 2): 19, (110, 3): 19}
    assert "190 ms of a request" in written(axes)


def test_the_difference_says_what_each_stack_gained_and_which_side_alone_has_it(
    compared: pl.DataFrame,
) -> None:
    axes = plot_flame_difference(compared)
    assert "payments: SELECT  +110 ms" in written(axes)
    assert {patch.get_hatch() for patch in axes.patches} >= {"///", "..."}
    assert "100 ms longer" in axes.get_title(loc="left") + axes.get_title()


def test_what_hardly_changed_is_grey(compared: pl.DataFrame) -> None:
    slight = compared.with_columns(
        difference_ms=pl.when(pl.col("difference_ms").abs() < pl.col("difference_ms").max())
        .then(0.01)
        .otherwise("difference_ms")
    )
    colours = {patch.get_facecolor()[:3] for patch in plot_flame_difference(slight).patches}
    is_grey = [max(colour) - min(colour) < 1e-9 for colour in colours]
    assert sorted(is_grey) == [False, True]


def test_where_little_changed_no_colour_is_strong(compared: pl.DataFrame) -> None:
    def strength(table: pl.DataFrame) -> float:
        colours = [patch.get_facecolor()[:3] for patch in plot_flame_difference(table).patches]
        return max(max(colour) - min(colour) for colour in colours)

    noise = compared.with_columns(difference_ms=pl.col("difference_ms") * 0.02)
    assert strength(noise) < 0.2 * strength(compared)


def test_baseline_incident_and_difference_share_one_scale(compared: pl.DataFrame) -> None:
    assert len({axes.get_xlim() for axes in plot_flame_comparison(compared)}) == 1


def test_a_lazy_table_is_compared_like_an_eager_one(compared: pl.DataFrame) -> None:
    assert len(plot_flame_comparison(compared.lazy())) == len(plot_flame_comparison(compared))  # type: ignore[arg-type]


def test_each_side_says_how_long_a_request_takes(compared: pl.DataFrame) -> None:
    titles = [axes.get_title(loc="left") for axes in plot_flame_comparison(compared)[:2]]
    assert titles == ["Baseline: 90 ms a request", "Incident: 190 ms a request"]


def test_two_sides_that_are_the_same_are_one_picture(compared: pl.DataFrame) -> None:
    same = compared.with_columns(baseline_ms="total_ms", difference_ms=pl.lit(0.0), only=pl.lit(None))
    (axes,) = plot_flame_comparison(same)
    assert axes.get_title(loc="left") == "Where the 190 ms of a request go"


def test_a_box_too_narrow_for_its_service_names_the_operation_alone() -> None:
    stacks = pl.DataFrame(
        {"stack": [["catalogue: GET /items"], ["shop: GET /products/{id}"]], "total_ms": [12.0, 88.0]}
    )
    text = written(plot_flame_graph(stacks))
    assert "GET /items" in text.splitlines()
    assert "shop: GET /products/{id}  88 ms" in text


@pytest.fixture
def forty() -> pl.DataFrame:
    """The stacks of forty services with long names, the last ones the widest."""
    return pl.DataFrame(
        {
            "stack": [[f"notification-service-{number}: op"] for number in range(40)],
            "total_ms": [float(number + 5) for number in range(40)],
        }
    )


def test_of_many_services_the_widest_have_a_tint_of_their_own_and_the_others_share_one(
    forty: pl.DataFrame,
) -> None:
    legend = plot_flame_graph(forty).get_legend()
    assert legend is not None
    names = [text.get_text() for text in legend.texts]
    assert names == [*(f"notification-service-{number}" for number in range(34, 40)), "(34 others)"]
    assert len({patch.get_facecolor() for patch in legend.get_patches()}) == len(names)


def test_a_legend_of_long_names_has_rows_and_squeezes_no_axes(forty: pl.DataFrame) -> None:
    axes = plot_flame_graph(forty)
    axes.figure.canvas.draw()
    assert axes.get_position().width > 0.9
    legend, figure = axes.get_legend(), axes.figure
    assert legend is not None
    assert legend.get_window_extent().width < figure.bbox.width


def test_a_service_keeps_its_tint_where_another_side_lacks_it(compared: pl.DataFrame) -> None:
    top, middle, _ = plot_flame_comparison(compared)
    tints = [
        {
            text.get_text(): patch.get_facecolor()
            for text, patch in zip(legend.texts, legend.get_patches(), strict=True)
        }
        for legend in (top.get_legend(), middle.get_legend())
    ]
    shared = tints[0].keys() & tints[1].keys()
    assert shared
    assert all(tints[0][service] == tints[1][service] for service in shared)


def test_the_waterfall_names_the_unusual_span_and_its_excess(explained: pl.DataFrame) -> None:
    text = written(plot_waterfall(explained))
    assert "payments: SELECT took 651 ms more of its own than usual" in text
    assert "660 ms failed" in text
    assert "new: never seen" in text


def test_a_title_beside_long_names_stays_within_the_picture(explained: pl.DataFrame) -> None:
    long = explained.with_columns(pl.col("service") + "-of-a-team-with-a-very-long-name")
    axes = plot_waterfall(long)
    figure = axes.get_figure(root=True)
    figure.canvas.draw()
    (title,) = [
        text for text in axes.findobj(Text) if "more of its own" in text.get_text().replace("\n", " ")
    ]
    legend = axes.get_legend()
    assert legend is not None
    assert max(part.get_window_extent().x1 for part in (title, legend)) <= figure.bbox.x1 + 1


def test_a_deep_trace_of_names_full_of_dollars_is_drawn(explained: pl.DataFrame) -> None:
    """Each dollar is escaped: the names were taken to be twice as long, so that no title had room."""
    deep = explained.with_columns(service=pl.lit("$\\frac{" * 30), depth=pl.lit(90))
    axes = plot_waterfall(deep)
    axes.get_figure(root=True).canvas.draw()
    assert axes.get_window_extent().width > 100


def test_a_trace_in_which_nothing_is_unusual_says_so(explained: pl.DataFrame) -> None:
    assert "No span of this trace" in written(plot_waterfall(explained.with_columns(unusual=False)))


def test_the_service_graph_names_every_service_and_where_most_calls_fail(graph: pl.DataFrame) -> None:
    text = written(plot_service_graph(graph))
    for name in ("shop", "cart", "payments", "postgresql", "10 % fail", "from shop to payments: 20"):
        assert name in text
    assert "p95 1.23 s" in written(plot_service_graph(graph.with_columns(p95_ms=pl.lit(1234.5))))


def test_the_heat_map_says_which_operation_makes_slow_requests_slow(bands: pl.DataFrame) -> None:
    text = written(plot_operation_heatmap(bands))
    assert "payments: SELECT grows most, by 300 ms" in text
    assert "50 traces" in text
    slow = bands.with_columns(pl.col("ms_per_trace") * 10)
    assert "grows most, by 3 s" in written(plot_operation_heatmap(slow))


@pytest.mark.parametrize("table", ["compared", "explained", "graph", "bands"])
def test_an_empty_table_is_a_sentence(table: str, request: pytest.FixtureRequest) -> None:
    draw = {
        "compared": plot_flame_graph, "explained": plot_waterfall,
        "graph": plot_service_graph, "bands": plot_operation_heatmap,
    }[table]  # fmt: skip
    assert written(draw(request.getfixturevalue(table).clear())).strip().startswith("The")


def test_names_from_outside_are_text_and_not_mathematics(graph: pl.DataFrame) -> None:
    hostile = graph.with_columns(callee=pl.lit("$\\frac{1}{0}$"))
    assert plot_service_graph(hostile).figure.canvas.draw() is None


def test_a_title_says_a_name_as_the_trace_does(bands: pl.DataFrame) -> None:
    text = written(plot_operation_heatmap(bands.with_columns(service=pl.lit("$x$"))))
    assert "In slow requests $x$: " in text.replace(r"\$", "$")
