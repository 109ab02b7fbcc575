"""The service graph: nothing that is written lies on anything else, however many services there are."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from matplotlib.transforms import Bbox

from incident_kit.measure.calls.service_graph import service_graph
from incident_kit.plot.service_graph import MAX_EDGES, plot_service_graph
from incident_kit.plot.service_graph_layout import Layout, laid_out
from incident_kit.read.traces import read_traces

SAMPLES = sorted((Path(__file__).parents[2] / "sample_data").glob("*/traces.*"))
COLUMNS = ["caller", "callee", "kind", "calls", "errors", "error_rate", "p95_ms"]
KINDS = ("service", "database", "messaging", "external")


def many_services(seed: int, services: int = 30) -> pl.DataFrame:
    """Return a graph with names of all widths, several callers a service, a cycle and a self-call."""
    random = Random(seed)
    names = [random.choice("WMmi") * random.randint(1, 24) + f"-{number}" for number in range(services)]
    calls = [
        (names[random.randrange(max(1, number // 3))], names[number])
        for number in range(1, services)
        for _ in range(random.randint(1, 3))
    ]
    calls += [(names[20], names[3]), (names[5], names[5]), (names[9], names[0])]
    rows = [
        (*call, random.choice(KINDS), random.randrange(1, 10**6), 0, random.choice((0.0, 0.123)), 1234.5)
        for call in dict.fromkeys(calls)
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def written(axes: Axes) -> list[tuple[str, Bbox]]:
    """Return what is written of calls, and the boxes of services, with the room they take on the page."""
    axes.figure.canvas.draw()
    boxes = [each for each in axes.patches if isinstance(each, FancyBboxPatch)]
    told = [text for text in axes.texts if "calls" in text.get_text()]
    return [("a service", box.get_window_extent()) for box in boxes] + [
        (text.get_text(), text.get_window_extent()) for text in told
    ]


def overlapping(axes: Axes) -> list[tuple[str, str]]:
    return [(one, other) for (one, a), (other, b) in combinations(written(axes), 2) if a.overlaps(b)]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.parent.name)
def test_no_text_lies_on_another_in_the_samples(sample: Path) -> None:
    graph = service_graph(read_traces(sample).spans)
    axes = plot_service_graph(graph)
    assert len(written(axes)) == graph.height + graph["caller"].append(graph["callee"]).n_unique()
    assert overlapping(axes) == []


@pytest.mark.parametrize("seed", range(2))
def test_no_text_lies_on_another_among_thirty_services(seed: int) -> None:
    assert overlapping(plot_service_graph(many_services(seed))) == []


def crossed(layout: Layout, told: dict[tuple[str, str], tuple[float, float]]) -> list[object]:
    """Return what arrows run through: boxes of services, and what is written of other calls."""
    boxes = [
        (name, x - layout.half[name], x + layout.half[name], y, layout.tall[name] / 2)
        for name, (x, y) in layout.services.items()
    ]
    boxes += [
        (call, x - told[call][0] / 2, x + told[call][0] / 2, y, told[call][1] / 2)
        for call, (x, y) in layout.calls.items()
    ]
    found = []
    for call, way in layout.ways.items():
        for (x0, y0), (x1, y1) in pairwise(way):
            for part in np.linspace(0.01, 0.99, 99):
                x, y = x0 + part * (x1 - x0), y0 + part * (y1 - y0)
                found += [
                    (call, what)
                    for what, left, right, middle, half in boxes
                    if what != call and left < x < right and abs(y - middle) < half
                ]
    return found


@pytest.mark.parametrize("seed", range(3))
def test_no_arrow_runs_through_a_service_or_through_what_is_said_of_another_call(seed: int) -> None:
    graph = many_services(seed, 21)
    calls = list(graph.select("caller", "callee").iter_rows())
    names = dict.fromkeys([name for call in calls for name in call], (1.0, 0.15))
    told = dict.fromkeys(calls, (0.7, 0.3))
    layout = laid_out(calls, names, told, room=9)
    assert crossed(layout, told) == []
    for (caller, callee), way in layout.ways.items():
        assert way[0][0] == layout.services[caller][0] + layout.half[caller]
        assert way[-1][0] == layout.services[callee][0] - layout.half[callee]
        assert all(0 <= x <= layout.width and 0 <= y <= layout.height for x, y in way)


def test_of_too_many_edges_the_busiest_and_those_that_fail_most_are_drawn() -> None:
    rows = [(f"a{number % 9}", f"b{number}", "service", 1000 - number, 0, 0.0, 5.0) for number in range(200)]
    rows[190] = ("a1", "b190", "service", 810, 400, 0.5, 5.0)
    axes = plot_service_graph(pl.DataFrame(rows, schema=COLUMNS, orient="row"))
    text = [each.get_text() for each in axes.texts]
    assert sum("calls" in each for each in text) == MAX_EDGES
    assert {"b0", "b190"} <= set(text)
    assert "b189" not in text
    assert "80 busiest and most failing of 200 edges" in axes.get_title(loc="left").replace("\n", " ")


def test_every_name_fits_its_box() -> None:
    axes = plot_service_graph(many_services(1))
    axes.figure.canvas.draw()
    boxes = [each.get_window_extent() for each in axes.patches if isinstance(each, FancyBboxPatch)]
    names = [text.get_window_extent() for text in axes.texts if text.get_zorder() == 4]
    assert len(names) == len(boxes) == 30
    assert all(any(box.x0 <= name.x0 and name.x1 <= box.x1 for box in boxes) for name in names)


def test_callees_stand_right_of_their_callers_and_calls_left_of_their_callee() -> None:
    calls = [("shop", "cart"), ("cart", "db"), ("shop", "db"), ("db", "shop")]
    layout = laid_out(
        calls, dict.fromkeys(("shop", "cart", "db"), (0.5, 0.1)), dict.fromkeys(calls, (1.0, 0.2))
    )
    across = {name: place[0] for name, place in layout.services.items()}
    assert across["shop"] < across["cart"] < across["db"]
    assert all(layout.calls[call][0] < across[call[1]] for call in calls)
    assert layout.width > across["db"] + layout.half["db"]
