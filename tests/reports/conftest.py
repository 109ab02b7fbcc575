"""One small incident, made by rule: an endpoint that is slow and fails for three minutes of ten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.schema import SPANS, conform

START = datetime(2026, 1, 31, 10, tzinfo=UTC)
SECONDS, PER_SECOND = 600, 10
BAD = range(300, 480)  # the seconds of the incident


def rows(*, with_incident: bool = True) -> Iterator[dict[str, object]]:
    """Yield ten minutes of requests: two endpoints, one of which turns bad."""
    rng = np.random.default_rng(7)
    for second in range(SECONDS):
        for slot in range(PER_SECOND):
            checkout = slot % 2 == 0
            bad = with_incident and second in BAD and checkout and slot < 8
            yield {
                "at": START + timedelta(seconds=second + slot / PER_SECOND),
                "path": f"/checkout/{1000 + second}" if checkout else "/items",
                "query": "?token=s3cret-token-1&next=/" if checkout else "",
                "status": 503 if bad and slot < 4 else 200,
                "duration_ms": float((900 if bad else 30) * rng.lognormal(0, 0.2)),
                "client": f"198.51.100.{slot}",
            }


def log_lines(*, with_incident: bool = True) -> list[str]:
    """Write the requests as nginx does with request and upstream times in its format."""
    lines = []
    for row in rows(with_incident=with_incident):
        seconds = row["duration_ms"] / 1000  # type: ignore[operator]
        ended = row["at"] + timedelta(seconds=seconds)  # type: ignore[operator]
        lines.append(
            f"{row['client']} - carol [{ended:%d/%b/%Y:%H:%M:%S} +0000] "
            f'"GET {row["path"]}{row["query"]} HTTP/1.1" '
            f'{row["status"]} 512 "http://shop.example/?mail=ann.lee@example.com" "curl/8" '
            f'rt={seconds:.3f} urt="{seconds:.3f}"'
        )
    return lines


@pytest.fixture(scope="session")
def log_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "access.log"
    path.write_text("\n".join(log_lines()) + "\n", encoding="utf-8")
    return path


def _requests(*, with_incident: bool) -> pl.DataFrame:
    frame = pl.DataFrame(list(rows(with_incident=with_incident)))
    return frame.select(
        start_time=pl.col("at").dt.cast_time_unit("us"),
        method=pl.lit("GET"),
        path="path",
        route=pl.col("path").str.replace(r"/\d+$", "/{id}"),
        status=pl.col("status").cast(pl.Int16),
        duration_ms="duration_ms",
        client_ip="client",
    )


@pytest.fixture(scope="session")
def found() -> Diagnosis:
    return diagnose(_requests(with_incident=True))


@pytest.fixture(scope="session")
def healthy() -> Diagnosis:
    return diagnose(_requests(with_incident=False))


def _spans() -> pl.DataFrame:
    """One trace a second of /checkout: shop calls payments, which asks its database; slow in the incident."""
    spans = []
    for second in range(SECONDS):
        slow = 800.0 if second in BAD else 0.0
        began = START + timedelta(seconds=second)
        trace = f"{second:032x}"
        chain = (
            ("a", None, "shop", "GET /checkout/{id}", "server", 40.0, None),
            ("b", "a", "shop", "POST /charges", "client", 30.0, "payments"),
            ("c", "b", "payments", "POST /charges", "server", 25.0, None),
            ("d", "c", "payments", "SELECT cards", "client", 10.0, "postgresql"),
        )
        for depth, (span, parent, service, name, kind, base, peer) in enumerate(chain):
            spans.append(
                {
                    "trace_id": trace,
                    "span_id": f"{span}{second:015x}",
                    "parent_span_id": None if parent is None else f"{parent}{second:015x}",
                    "service": service,
                    "name": name,
                    "kind": kind,
                    "start": began + timedelta(milliseconds=2 * depth),
                    "duration_ms": base + slow,
                    "status": "unset",
                    "route": "/checkout/{id}" if parent is None else None,
                    "peer": peer,
                    "attributes": '{"db.system.name": "postgresql"}' if span == "d" else "{}",
                }
            )
    return conform(pl.DataFrame(spans), SPANS)


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    return Evidence(requests=_requests(with_incident=True), spans=_spans())


@pytest.fixture(scope="session")
def traced(evidence: Evidence) -> Diagnosis:
    return diagnose(evidence.requests, evidence.spans)
