"""Turn a proxy's log into traces of two levels: the request, and below it every attempt upstream.

The same evidence then serves logs and traces. If server A fails and server B answers the retry, the request
becomes a root with two children, and the first child remains A's failure:

    proxy   GET /cart  ................ 200, 120 ms
      A     attempt 0  ....             502,  20 ms
      B     attempt 1      ............ 200, 100 ms
"""

from __future__ import annotations

import polars as pl

from incident_kit.measure.requests.attempts import attempts
from incident_kit.measure.requests.status_meaning import SERVER_ERROR
from incident_kit.schema import SPANS, TIME_NS, conform

PROXY, CLIENT, EITHER = "proxy", "client", "proxy or client"

PROXY_PHASES = ("request_processing_ms", "response_processing_ms")
"""The time that AWS ALB itself spends before and after the target's time."""

CLIENT_PHASES = ("request_ms",)
"""The time that HAProxy waits for the client to send its request."""

UPSTREAM_PHASES = ("queue_ms", "connect_ms")
"""The time that HAProxy waits for a free connection to the server and for the connect: the server's time."""

KEPT = ("trace_id", "name", "start", *PROXY_PHASES, *CLIENT_PHASES)
"""The columns of a request that its attempts keep."""


def proxy_spans(requests: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS with a root for each of the REQUESTS, and a child for each attempt upstream.

    Time outside every attempt is the root's own time. Where the log accounts for the proxy's own time (ALB,
    HAProxy), that part is the proxy's and the rest is the client's. Elsewhere the two cannot be told apart.
    """
    phases = (*PROXY_PHASES, *CLIENT_PHASES, *UPSTREAM_PHASES)
    numbered = (
        requests.drop("trace_id")
        .with_row_index("trace_id")
        .with_columns(
            pl.col("trace_id").cast(pl.String),
            *(_phase(name) for name in phases),
            name=pl.concat_str(
                pl.col("method").fill_null("-"), pl.col("route").fill_null("-"), separator=" "
            ),
            attempts=attempts(),
            start=pl.col("start_time").cast(TIME_NS),
        )
    )
    accounted = any((numbered[name] > 0).any() for name in phases)
    tried = _attempts(numbered)
    asks = pl.lit(PROXY if accounted else EITHER)
    roots = numbered.select(
        "trace_id", "name", "start", "duration_ms",
        span_id=pl.lit("request"), service=asks, status=_failure("status"),
    )  # fmt: skip
    waits = _waits(numbered, tried) if accounted else tried.clear()
    calls = tried.with_columns(service=asks, span_id=_call())
    below = pl.concat([calls, waits], how="diagonal").with_columns(parent_span_id=pl.lit("request"))
    answers = tried.with_columns(parent_span_id=_call())
    return conform(pl.concat([roots, below, answers], how="diagonal"), SPANS)


def _call() -> pl.Expr:
    """Return the id of the proxy's own span around an attempt: it timed the attempt, so no wait is hidden."""
    return pl.concat_str(pl.lit("call of "), "span_id")


def _attempts(numbered: pl.DataFrame) -> pl.DataFrame:
    """Return the spans of the attempts, one after the other in the order they were tried."""
    tried = pl.concat([_single_attempts(numbered), _listed_attempts(numbered)])
    tried = tried.filter(pl.col("service").is_not_null())
    earlier = (pl.col("duration_ms").cum_sum() - pl.col("duration_ms")).over("trace_id")
    return tried.select(
        "trace_id", "service", "name", "duration_ms",
        span_id=pl.concat_str(pl.lit("attempt"), pl.int_range(pl.len()).over("trace_id")),
        start=_later(pl.col("request_ms") + pl.col("request_processing_ms") + earlier),
        status=_failure("answer"),
    )  # fmt: skip


def _single_attempts(numbered: pl.DataFrame) -> pl.DataFrame:
    """Return the attempts of requests that have only one, with the columns `KEPT` of the request.

    An attempt that was never answered (a time-out, a client that left) has no duration in the log. If the log
    times answered attempts, an unanswered one is taken to last until the request ended.
    """
    waited = pl.sum_horizontal(*UPSTREAM_PHASES)
    if numbered["upstream_duration_ms"].is_not_null().any():
        until_the_end = pl.col("duration_ms") - pl.sum_horizontal(*PROXY_PHASES, *CLIENT_PHASES)
        unanswered = until_the_end.clip(lower_bound=0.0)
    else:
        unanswered = waited
    return numbered.filter(pl.col("attempts").is_null(), pl.col("upstream_addr").is_not_null()).select(
        *KEPT,
        service="upstream_addr",
        duration_ms=(pl.col("upstream_duration_ms") + waited).fill_null(unanswered),
        answer=pl.coalesce("upstream_status", "status").cast(pl.Int64),
    )


def _listed_attempts(numbered: pl.DataFrame) -> pl.DataFrame:
    """Return the attempts of requests with a list of them, with the columns `KEPT` of the request."""
    listed = numbered.filter(pl.col("attempts").is_not_null()).select(*KEPT, attempt="attempts")
    return listed.explode("attempt").select(
        *KEPT,
        service=pl.col("attempt").struct.field("addr"),
        duration_ms=pl.col("attempt").struct.field("ms").fill_null(0.0),
        answer=pl.col("attempt").struct.field("status"),
    )


def _waits(numbered: pl.DataFrame, tried: pl.DataFrame) -> pl.DataFrame:
    """Return spans of the client's time: while it sends its request, and while it reads the answer.

    A request that failed without any attempt waited for an upstream until the proxy gave up. That time is a
    failing span of the proxy, and its client has nothing to read.
    """
    inside = tried.group_by("trace_id").agg(inside=pl.col("duration_ms").sum())
    timed = numbered.join(inside, on="trace_id", how="left")
    before = pl.sum_horizontal("inside", *PROXY_PHASES, *CLIENT_PHASES)
    rest = (pl.col("duration_ms") - before).clip(lower_bound=0.0)
    gave_up = pl.col("inside").is_null() & (_failure("status") == "error")
    spans = {
        "sends": (CLIENT, pl.lit(0.0), pl.col("request_ms"), pl.col("request_ms") > 0),
        "waits": (PROXY, before, rest, gave_up),
        "reads": (CLIENT, before, pl.when(gave_up).then(0.0).otherwise(rest), gave_up | (rest > 0)),
    }
    return pl.concat(
        timed.filter(there).select(
            "trace_id",
            start=_later(begins),
            duration_ms=took,
            service=pl.lit(service),
            name=pl.lit(name),
            span_id=pl.lit(name),
            status=pl.lit("error" if service == PROXY else "unset"),
        )
        for name, (service, begins, took, there) in spans.items()
    )


def _phase(name: str) -> pl.Expr:
    phase = pl.col("extra").str.json_path_match(f"$.{name}").cast(pl.Float64, strict=False)
    return phase.fill_null(0.0).alias(name)


def _failure(status: str) -> pl.Expr:
    failed = pl.col(status).is_null() | (pl.col(status) >= SERVER_ERROR)
    return pl.when(failed).then(pl.lit("error")).otherwise(pl.lit("unset"))


def _later(ms: pl.Expr) -> pl.Expr:
    return pl.col("start") + pl.duration(nanoseconds=ms * 1e6, time_unit="ns")
