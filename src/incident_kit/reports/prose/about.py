"""The sentences before the diagnosis: what the notebook was asked, what it read, what is missing."""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.comparison.changes import UNKNOWN
from incident_kit.diagnosis.comparison.compare import Comparison
from incident_kit.engines.evidence import Evidence
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.reports.notebooks.parameters import CompareReleases, NotebookParameters
from incident_kit.reports.prose.file_names import file_name
from incident_kit.reports.prose.sentences import Sentences

REASONS = "`incident-kit parse --rejects FILE` writes the rejected lines with their reasons."

GATES = {
    "no regression": "By this comparison the release may go on.",
    "regression": "By this comparison the release should be held.",
    UNKNOWN: "There is too little traffic to judge the release; wait for more of it.",
}
"""What a comparison's verdict means for a release."""

NO_RELEASE = "No release is known, so this judges none; give when it came as `release`."
ONE_SIDED = "Only one of the two sides has durations, so their latency cannot be compared; log them on both."


def what_is_asked(asked: NotebookParameters) -> Sentences:
    """Say what every number below depends on: the data, the stretch of time, the targets."""
    goals = asked.targets
    data = (
        f"the sample incident {asked.sample}"
        if asked.is_sample
        else wording.listed([file_name(path) for path in asked.paths])
    )
    return Sentences(
        (
            f"Data: {data}.",
            _times(asked),
            f"Targets: {wording.percent(goals.latency_quantile)} of requests within "
            f"{wording.milliseconds(goals.latency_ms)}, at most {wording.rate(goals.error_rate)} "
            f"errors, {wording.rate(goals.availability)} available, recovery within "
            f"{wording.duration_words(goals.recovery_s)}.",
            "Secrets, clients and users are masked."
            if asked.mask
            else "Nothing is masked; do not pass this on.",
        )
    )


def _times(asked: NotebookParameters) -> str:
    """Return the stretch of time that is looked at; a comparison describes its two sides itself."""
    shown = f"times are shown in {asked.display_tz}."
    if isinstance(asked, CompareReleases):
        return f"Time: {shown}"
    incident = f"the incident is given as {asked.incident}" if asked.incident else "incidents are detected"
    baseline = f"compared with {asked.baseline}" if asked.baseline else "compared with what was normal before"
    return f"Time: {incident}, {baseline}; {shown}"


def what_was_read(data: Evidence) -> Sentences:
    """Say what was read, what the readers noticed, and where the reasons of rejected lines are."""
    reasons = (REASONS,) if data.rejected and isinstance(data.requests, pl.DataFrame) else ()
    return Sentences((*data.notes, *data.warnings, *reasons) or ("Nothing was read.",))


def what_is_missing(data: Evidence) -> Sentences:
    """Say what other inputs would allow the notebook to say."""
    lines = []
    if data.requests is None:
        lines.append("With the access log, every request would count, not only the traced ones.")
    elif not _has_durations(data.requests):
        lines.append(
            "No duration was read from this log, so nothing can be said about latency: if its lines hold "
            "one, give the server's own format string as `log_format`; if not, add $request_time and "
            "$upstream_response_time to nginx's log_format (%D to Apache's LogFormat)."
        )
    if data.spans is None:
        lines.append("With traces, the time and the failures could be followed into each dependency.")
    elif isinstance(data.requests, pl.DataFrame) and not _share_a_trace(data.requests, data.spans):
        lines.append(
            "No request of the log has its trace here; log the traceparent at the proxy, and give the traces "
            "of the same system and time."
        )
    return Sentences(tuple(lines) or ("Log and traces are both here; nothing more was needed.",))


def _share_a_trace(requests: pl.DataFrame, spans: pl.DataFrame) -> bool:
    return bool(requests["trace_id"].is_in(spans["trace_id"].unique().implode()).any())


def _has_durations(requests: pl.DataFrame | Rollup) -> bool:
    if isinstance(requests, Rollup):
        return not requests.latency.is_empty()
    return bool(requests["duration_ms"].count())


def gate(compared: Comparison, *, of_release: bool = True) -> Sentences:
    """Say whether a release may go on, and how small a change the comparison could have detected."""
    if compared.verdict == UNKNOWN and _is_timed_on_one_side(compared):
        return Sentences((str(compared), ONE_SIDED))
    return Sentences((str(compared), GATES[compared.verdict] if of_release else NO_RELEASE))


def _is_timed_on_one_side(compared: Comparison) -> bool:
    """Return whether only one side of a comparison has durations."""
    told = pl.col("before").is_null(), pl.col("after").is_null()
    everywhere = compared.changes.filter(indicator="latency", route=wording.EVERYWHERE)
    return bool(everywhere.select(told[0] != told[1]).to_series().any())
