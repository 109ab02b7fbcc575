"""The widgets of the explorer at work: what is chosen, and the pictures that follow it.

In JupyterLab it is a set of widgets. Without a kernel (on a page, or in a notebook that papermill ran) the
same output is a picture of the initial state.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from incident_kit.reports.explorer import pictures, views
from incident_kit.reports.explorer.controls import ALL, controls, show_if
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
        self._controls.red.value = pictures.red_picture(rows, question=question, **self._view)
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
        picture.value = pictures.waterfall_picture(self._spans, shown) if shown else b""
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


def _edges(requests: pl.DataFrame) -> list[datetime]:
    first, last = requests.select(first=pl.col("start_time").min(), last=pl.col("start_time").max()).row(0)
    end = last + timedelta(microseconds=1)
    # Steps are rounded, so `STEPS` of them could end before the last request.
    return [*(first + (end - first) * place / STEPS for place in range(STEPS)), end]
