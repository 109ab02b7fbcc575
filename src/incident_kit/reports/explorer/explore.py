"""The verb `explore`: choose a window, an endpoint and a dependency, and the pictures follow.

In JupyterLab it is a set of widgets. Without a kernel (on a page, or in a notebook that papermill ran) the
same output is a picture of the initial state.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.reports.explorer import views
from incident_kit.reports.explorer.controls import ALL, controls, show_if
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.slo import Targets
from incident_kit.window import Window

STEPS = 60  # positions of the slider: 15 s apart in a window of 15 minutes


class Explorer:
    """Widgets over requests and spans; `window`, `endpoint` and `dependency` are the current choice."""

    def __init__(
        self,
        requests: pl.DataFrame,
        spans: pl.DataFrame,
        targets: Targets,
        *,
        incidents: pl.DataFrame | None = None,
        endpoint: str = ALL,
        tz: str = "UTC",
    ) -> None:
        self._requests, self._spans = requests, spans
        self._view: dict[str, Any] = {"targets": targets, "incidents": incidents, "tz": tz}
        self._times = _edges(requests)
        menu = views.endpoints(requests, endpoint)
        self._controls = controls(self._times, menu, views.dependencies(spans), tz)
        self._controls.endpoint.value = endpoint
        for each in (self._controls.span, self._controls.endpoint, self._controls.dependency):
            each.observe(self._on_choice, names="value")
        self._controls.trace.observe(self._on_trace, names="value")
        self._show()

    @property
    def window(self) -> Window:
        """The chosen window; never empty."""
        first, last = self._controls.span.value
        first = min(first, STEPS - 1)
        return Window(self._times[first], self._times[max(last, first + 1)])

    @property
    def endpoint(self) -> str:
        """The chosen endpoint, or `(all)`."""
        return str(self._controls.endpoint.value)

    @property
    def dependency(self) -> str:
        """The dependency whose calls are shown, or `(all)` for the requests themselves."""
        return str(self._controls.dependency.value)

    def _on_choice(self, _: object) -> None:
        self._answer(self._show)

    def _on_trace(self, _: object) -> None:
        self._answer(self._show_trace)

    def _answer(self, draw: Callable[[], None]) -> None:
        """Draw the pictures; on failure show the error instead, as the old pictures show another choice."""
        self._controls.failed.outputs = ()
        drawn = False
        with self._controls.failed:
            draw()
            drawn = True
        show_if(self._controls.pictures, there_is=drawn)

    def _show(self) -> None:
        rows, trace = self._chosen(), self._controls.trace
        question = views.question(self.endpoint, self.dependency)
        self._controls.red.value = views.red_picture(rows, question=question, **self._view)
        trace.unobserve(self._on_trace, names="value")  # or new options would draw it twice
        trace.options = views.traces_to_open(rows, self._spans, self._view["tz"])
        trace.index = 0 if trace.options else None
        trace.observe(self._on_trace, names="value")
        show_if(trace, there_is=bool(trace.options))
        self._show_trace()

    def _chosen(self) -> pl.DataFrame:
        if self.dependency == ALL:
            return views.chosen_requests(self._requests, self.window, self.endpoint)
        spans = views.spans_below(self._spans, self._requests, self.endpoint)
        return views.calls_as_requests(spans, self.window, self.dependency)

    def _show_trace(self) -> None:
        shown, picture = self._controls.trace.value, self._controls.waterfall
        picture.value = views.waterfall_picture(self._spans, shown) if shown else b""
        show_if(picture, there_is=bool(shown))

    def __repr__(self) -> str:
        return f"Explorer({len(self._requests):,} requests, {len(self._spans):,} spans)"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        live: dict[str, Any] = self._controls.box._repr_mimebundle_()
        return {
            **live,
            "image/png": base64.b64encode(bytes(self._controls.red.value)).decode(),
            "text/plain": repr(self),
        }


def explore(
    log: Any = None,
    traces: Any = None,
    *,
    targets: Targets | None = None,
    incidents: pl.DataFrame | None = None,
    endpoint: str | None = None,
    tz: str = "UTC",
) -> Explorer | Sentences:
    """Explore a log and traces with widgets.

    Parameters
    ----------
    log, traces
        What was read, or its frames; one of them is enough. A rollup has no single requests: with traces it
        is ignored, and alone the result is a sentence, as it is if all requests began at the same time.
    targets
        Drawn as lines; the defaults if None.
    incidents
        The incidents of a diagnosis, which are shaded as a guide for choosing a window.
    endpoint
        The endpoint to begin with, as `GET /x/{id}`; all of them if None, or if a rollup was given.
    tz
        The time zone of menus and pictures.

    Raises
    ------
    ParameterError
        If there is neither a log nor traces, or no request to `endpoint`.
    """
    if isinstance(log, Rollup):
        if traces is None:
            return Sentences(("A rollup has no single requests to explore; give the log itself, or traces.",))
        log, endpoint = None, None  # the traces' requests may have other endpoints
    requests, spans = views.requests_and_spans(log, traces)
    timed = requests.drop_nulls("start_time")
    if timed["start_time"].n_unique() < 2:
        return Sentences(("There are not two different times to explore between; give more requests.",))
    first = endpoint or ALL
    return Explorer(timed, spans, targets or Targets(), incidents=incidents, endpoint=first, tz=tz)


def _edges(requests: pl.DataFrame) -> list[datetime]:
    first, last = requests.select(first=pl.col("start_time").min(), last=pl.col("start_time").max()).row(0)
    end = last + timedelta(microseconds=1)
    # Steps are rounded, so `STEPS` of them could end before the last request.
    return [*(first + (end - first) * place / STEPS for place in range(STEPS)), end]
