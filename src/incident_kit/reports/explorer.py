"""The verb `explore`: choose a window, an endpoint and a dependency, and the pictures follow.

In JupyterLab it is a set of widgets. Where there is no kernel to answer them (a page, a notebook that
papermill ran) the same output is a picture of its first state.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from incident_kit.measure.rollup import Rollup
from incident_kit.reports import explorer_views as views
from incident_kit.reports.sentences import Sentences, moment
from incident_kit.slo import Targets
from incident_kit.window import Window

STEPS = 60  # positions of the window's two handles: a quarter of a minute in a quarter of an hour
WIDE = {"description_width": "6rem"}


class Explorer:
    """Widgets over requests and spans; `window`, `endpoint` and `dependency` are what is chosen."""

    def __init__(
        self,
        requests: pl.DataFrame,
        spans: pl.DataFrame,
        targets: Targets,
        incidents: pl.DataFrame | None = None,
    ) -> None:
        import ipywidgets as widgets

        self._requests, self._spans, self._targets, self._incidents = requests, spans, targets, incidents
        self._times = _edges(requests)
        labels = [(moment(time)[11:19], place) for place, time in enumerate(self._times)]
        self._span = widgets.SelectionRangeSlider(
            options=labels,
            index=(0, len(labels) - 1),
            description="window",
            continuous_update=False,
            style=WIDE,
            layout=widgets.Layout(width="46rem"),
        )
        self._endpoint = _menu("endpoint", views.endpoints(requests))
        self._dependency = _menu("calls to", views.dependencies(spans))
        self._trace = widgets.Select(options=[], rows=6, description="trace", style=WIDE)
        self._red, self._waterfall = widgets.Image(format="png"), widgets.Image(format="png")
        for control in (self._span, self._endpoint, self._dependency):
            control.observe(self._show, names="value")
        self._trace.observe(self._show_trace, names="value")
        controls = [self._span, self._endpoint, self._dependency, self._trace]
        self.box = widgets.VBox([*controls, self._red, self._waterfall])
        self._show()

    @property
    def window(self) -> Window:
        """The window that is chosen; never empty."""
        first, last = self._span.value
        first = min(first, STEPS - 1)
        return Window(self._times[first], self._times[max(last, first + 1)])

    @property
    def endpoint(self) -> str:
        """The endpoint that is chosen, or `(all)`."""
        return str(self._endpoint.value)

    @property
    def dependency(self) -> str:
        """The dependency whose calls are shown, or `(all)` for the requests themselves."""
        return str(self._dependency.value)

    def _show(self, _: object = None) -> None:
        if self.dependency == views.ALL:
            rows = views.chosen_requests(self._requests, self.window, self.endpoint)
            question = (
                f"How did {self.endpoint} do?" if self.endpoint != views.ALL else "How did the service do?"
            )
        else:
            rows = views.calls_as_requests(self._spans, self.window, self.dependency)
            question = f"How did calls to {self.dependency} do?"
        self._red.value = views.red_picture(rows, self._targets, question, self._incidents)
        self._trace.unobserve(self._show_trace, names="value")  # or new options would draw a trace twice
        self._trace.options = views.traces_to_open(rows, self._spans)
        self._trace.index = 0 if self._trace.options else None
        self._trace.observe(self._show_trace, names="value")
        self._show_trace()

    def _show_trace(self, _: object = None) -> None:
        shown = self._trace.value
        self._waterfall.value = views.waterfall_picture(self._spans, shown) if shown else b""
        self._waterfall.layout.display = None if shown else "none"

    def __repr__(self) -> str:
        return f"Explorer({len(self._requests):,} requests, {len(self._spans):,} spans)"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        live: dict[str, Any] = self.box._repr_mimebundle_()
        return {
            **live,
            "image/png": base64.b64encode(bytes(self._red.value)).decode(),
            "text/plain": repr(self),
        }


def explore(
    log: Any = None,
    traces: Any = None,
    *,
    targets: Targets | None = None,
    incidents: pl.DataFrame | None = None,
) -> Explorer | Sentences:
    """Explore a log and traces (or their frames, or one of the two) with widgets.

    `incidents` are those of a diagnosis, which are shaded, so that a window can be chosen by them.

    A rollup has no single requests; beside traces it is left out, and alone the answer is a sentence, as it
    is where there are not two different times to explore between.

    Raises
    ------
    ParameterError
        If there is neither a log nor traces.
    """
    if isinstance(log, Rollup):
        if traces is None:
            return Sentences(("A rollup has no single requests to explore; give the log itself, or traces.",))
        log = None
    requests, spans = views.requests_and_spans(log, traces)
    timed = requests.drop_nulls("start_time")
    if timed["start_time"].n_unique() < 2:
        return Sentences(("There are not two different times to explore between; give more requests.",))
    return Explorer(timed, spans, targets or Targets(), incidents)


def _edges(requests: pl.DataFrame) -> list[datetime]:
    first, last = requests.select(first=pl.col("start_time").min(), last=pl.col("start_time").max()).row(0)
    step = (last + timedelta(microseconds=1) - first) / STEPS
    return [first + step * place for place in range(STEPS + 1)]


def _menu(name: str, options: list[str]) -> Any:
    import ipywidgets as widgets

    return widgets.Dropdown(
        options=[views.ALL, *options], description=name, style=WIDE, layout=widgets.Layout(width="30rem")
    )
