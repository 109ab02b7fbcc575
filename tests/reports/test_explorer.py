"""The explorer's pictures follow what is chosen; without a kernel it is a picture."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.engines.evidence import Evidence
from incident_kit.errors import ParameterError
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.reports.explorer import pictures, views
from incident_kit.reports.explorer.controls import ALL, clock_labels
from incident_kit.reports.explorer.explore import explore, requests_and_spans
from incident_kit.reports.explorer.explorer import Explorer
from incident_kit.slo import Targets

PNG = b"\x89PNG"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ipywidgets without a kernel


@pytest.fixture
def explorer(evidence: Evidence) -> Explorer:
    made = explore(evidence.requests, evidence.spans)
    assert isinstance(made, Explorer)
    return made


def test_menus_hold_what_the_data_have(explorer: Explorer) -> None:
    assert explorer._controls.endpoint.options == ("(all)", "GET /checkout/{id}", "GET /items")
    assert explorer._controls.dependency.options == ("(all)", "payments", "postgresql")


def test_the_widest_window_holds_the_last_request(evidence: Evidence) -> None:
    last = evidence.requests["start_time"].min() + timedelta(
        seconds=54
    )  # 54,000,001 us are no 60 equal steps
    few = evidence.requests.head(10).with_columns(
        start_time=pl.when(pl.int_range(pl.len()) == 9).then(last).otherwise("start_time")
    )
    explorer = explore(few, None)
    assert few.filter(explorer.window.covers()).height == 10


def test_the_picture_follows_endpoint_window_and_dependency(explorer: Explorer) -> None:
    seen = {bytes(explorer._controls.red.value)}
    explorer._controls.endpoint.value = "GET /items"
    seen.add(bytes(explorer._controls.red.value))
    explorer._controls.span.value = (0, 20)
    seen.add(bytes(explorer._controls.red.value))
    explorer._controls.dependency.value = "postgresql"
    seen.add(bytes(explorer._controls.red.value))
    assert len(seen) == 4
    assert all(picture.startswith(PNG) for picture in seen)


def test_it_begins_with_the_endpoint_that_is_asked_for(evidence: Evidence) -> None:
    explorer = explore(evidence.requests, evidence.spans, endpoint="GET /items")
    assert isinstance(explorer, Explorer)
    assert explorer.endpoint == "GET /items"
    drawn = bytes(explorer._controls.red.value)
    explorer._controls.endpoint.value = ALL
    assert bytes(explorer._controls.red.value) != drawn


def test_a_rare_endpoint_that_is_asked_for_is_in_the_menu_too(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_ENDPOINTS", 1)
    assert views.endpoints(evidence.requests) == ["GET /checkout/{id}"]
    assert views.endpoints(evidence.requests, "GET /items") == ["GET /checkout/{id}", "GET /items"]


def test_beside_a_rollup_the_traces_need_not_have_its_endpoint(evidence: Evidence) -> None:
    rolled_up = rollup_requests(evidence.requests)
    explorer = explore(rolled_up, evidence.spans, endpoint="GET /of-the-log-alone")
    assert isinstance(explorer, Explorer)
    assert explorer.endpoint == ALL


def test_an_endpoint_without_requests_is_refused_with_those_there_are(evidence: Evidence) -> None:
    with pytest.raises(ParameterError, match="no request to GET /itmes; there are requests to GET /checkout"):
        explore(evidence.requests, endpoint="GET /itmes")


def test_the_incidents_of_a_diagnosis_are_shaded(evidence: Evidence, explorer: Explorer) -> None:
    found = diagnose(evidence.requests, evidence.spans)
    shaded = explore(evidence.requests, evidence.spans, incidents=found.incidents)
    assert isinstance(shaded, Explorer)
    assert bytes(shaded._controls.red.value) != bytes(explorer._controls.red.value)


def test_a_trace_that_is_chosen_shows_its_waterfall(explorer: Explorer) -> None:
    explorer._controls.dependency.value = "payments"
    first = bytes(explorer._controls.waterfall.value)
    explorer._controls.span.value = (0, 20)
    explorer._controls.trace.index = 3
    assert first.startswith(PNG)
    assert bytes(explorer._controls.waterfall.value) != first


def test_calls_are_those_below_the_chosen_endpoint(explorer: Explorer) -> None:
    explorer._controls.dependency.value = "postgresql"
    everywhere = bytes(explorer._controls.red.value)
    explorer._controls.endpoint.value = "GET /items"
    assert bytes(explorer._controls.red.value) != everywhere
    assert (
        views.question("GET /items", "postgresql")
        == "How did calls to postgresql do in requests to GET /items?"
    )


def test_only_spans_of_the_endpoints_traces_are_below_it(evidence: Evidence) -> None:
    requests, spans = requests_and_spans(None, evidence.spans)
    some = requests.with_columns(
        route=pl.when(pl.arange(pl.len()) < 9).then(pl.lit("/nine")).otherwise("route")
    )
    below = views.spans_below(spans, some, "GET /nine")
    assert below["trace_id"].n_unique() == 9
    assert views.spans_below(spans, some, ALL).equals(spans)


def test_times_are_those_of_the_readers_zone(evidence: Evidence, explorer: Explorer) -> None:
    there = explore(evidence.requests, evidence.spans, tz="Asia/Tokyo")
    assert isinstance(there, Explorer)
    hours = [int(each._controls.span.options[0][0][:2]) for each in (explorer, there)]
    assert (hours[1] - hours[0]) % 24 == 9
    for each in (explorer, there):
        each._controls.dependency.value = "payments"
    assert there._controls.trace.options[0][0] != explorer._controls.trace.options[0][0]


def test_a_choice_without_requests_is_said_in_a_whole_sentence(evidence: Evidence) -> None:
    empty = pictures.red_picture(evidence.requests.clear(), targets=Targets())
    assert int.from_bytes(empty[16:20]) == 960  # the width of a PNG, where the sentence has room


@pytest.mark.parametrize(("hours", "said"), [(1, "02:00:00"), (72, "29 02:00"), (900, "29 Nov")])
def test_a_long_window_says_its_days(hours: int, said: str) -> None:
    start = datetime(2026, 11, 29, 2, tzinfo=UTC)
    assert clock_labels([start, start + timedelta(hours=hours)], "UTC")[0] == said


def test_without_traces_there_is_nothing_of_them_to_choose(evidence: Evidence) -> None:
    untraced = explore(evidence.requests)
    assert isinstance(untraced, Explorer)
    hidden = untraced._controls
    assert [each.layout.display for each in (hidden.dependency, hidden.trace, hidden.waterfall)] == [
        "none"
    ] * 3
    assert hidden.endpoint.layout.display is None


def test_what_fails_is_said_and_no_other_choices_picture_stays(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    shell = SimpleNamespace(showtraceback=lambda error, tb_offset: said.append(str(error[1])))
    monkeypatch.setattr("ipywidgets.widgets.widget_output.get_ipython", lambda: shell)
    with monkeypatch.context() as broken:
        broken.setattr(pictures, "red_picture", raise_it)
        explorer._controls.endpoint.value = "GET /items"
    assert said == ["no picture today"]
    assert explorer._controls.pictures.layout.display == "none"
    explorer._controls.endpoint.value = "(all)"
    assert explorer._controls.pictures.layout.display is None


def raise_it(*_: object, **__: object) -> bytes:
    raise ParameterError("no picture today")


@pytest.mark.parametrize("place", [0, 7, 60])
def test_the_window_is_never_empty(explorer: Explorer, place: int) -> None:
    explorer._controls.span.value = (place, place)
    assert explorer.window.seconds > 0


def test_without_a_kernel_it_is_a_picture(explorer: Explorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(PNG)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == "Explorer(6,000 requests, 2,400 spans)"


def test_traces_alone_can_be_explored(evidence: Evidence) -> None:
    assert views.endpoints(requests_and_spans(None, evidence.spans)[0]) == ["GET /checkout/{id}"]


def test_nothing_cannot_be_explored() -> None:
    with pytest.raises(ParameterError, match="nothing to explore"):
        explore()
