"""The explorer's pictures follow what is chosen; without a kernel it is a picture."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Iterator

import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.engines.evidence import Evidence
from incident_kit.errors import ParameterError
from incident_kit.reports import explorer_views as views
from incident_kit.reports.explorer import Explorer, explore

PNG = b"\x89PNG"


@pytest.fixture
def explorer(evidence: Evidence) -> Iterator[Explorer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ipywidgets without a kernel
        yield explore(evidence.requests, evidence.spans)


def test_menus_hold_what_the_data_have(explorer: Explorer) -> None:
    assert explorer._endpoint.options == ("(all)", "GET /checkout/{id}", "GET /items")
    assert explorer._dependency.options == ("(all)", "payments", "postgresql")


def test_the_picture_follows_endpoint_window_and_dependency(explorer: Explorer) -> None:
    seen = {bytes(explorer._red.value)}
    explorer._endpoint.value = "GET /items"
    seen.add(bytes(explorer._red.value))
    explorer._span.value = (0, 20)
    seen.add(bytes(explorer._red.value))
    explorer._dependency.value = "postgresql"
    seen.add(bytes(explorer._red.value))
    assert len(seen) == 4
    assert all(picture.startswith(PNG) for picture in seen)


def test_the_incidents_of_a_diagnosis_are_shaded(evidence: Evidence, explorer: Explorer) -> None:
    found = diagnose(evidence.requests, evidence.spans)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ipywidgets without a kernel
        shaded = explore(evidence.requests, evidence.spans, incidents=found.incidents)
    assert isinstance(shaded, Explorer)
    assert bytes(shaded._red.value) != bytes(explorer._red.value)


def test_a_trace_that_is_chosen_shows_its_waterfall(explorer: Explorer) -> None:
    explorer._dependency.value = "payments"
    first = bytes(explorer._waterfall.value)
    explorer._span.value = (0, 20)
    explorer._trace.index = 3
    assert first.startswith(PNG)
    assert bytes(explorer._waterfall.value) != first


@pytest.mark.parametrize("place", [0, 7, 60])
def test_the_window_is_never_empty(explorer: Explorer, place: int) -> None:
    explorer._span.value = (place, place)
    assert explorer.window.seconds > 0


def test_without_a_kernel_it_is_a_picture(explorer: Explorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(PNG)
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == "Explorer(6,000 requests, 2,400 spans)"


def test_traces_alone_can_be_explored(evidence: Evidence) -> None:
    assert views.endpoints(views.requests_and_spans(None, evidence.spans)[0]) == ["- /checkout/{id}"]


def test_nothing_cannot_be_explored() -> None:
    with pytest.raises(ParameterError, match="nothing to explore"):
        explore()
