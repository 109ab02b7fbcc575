"""From what a source records of a span to SPANS: ids, times and peers in one spelling."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.times import calendar_ns


def recorded(**said: str | None) -> pl.DataFrame:
    usual = {"trace_id": "4" * 32, "span_id": "5" * 16, "attributes": "{}", "shared": "{}"}
    return pl.DataFrame([usual | said], schema=RECORDED)


@pytest.mark.parametrize(
    ("written", "span_id"),
    [
        ("00f067aa0ba902b7", "00f067aa0ba902b7"),
        ("0x00F067AA0BA902B7", "00f067aa0ba902b7"),
        ("f067aa0ba902b7", "00f067aa0ba902b7"),
        ("b7", "b7"),
        ("root", "root"),
        ("0000000000000000", None),
    ],
    ids=["plain", "as a number", "zeros left out", "a name of few letters", "a name", "none"],
)
def test_an_id_has_one_spelling_and_a_name_is_left_alone(written: str, span_id: str | None) -> None:
    assert spans_from(recorded(span_id=written))["span_id"].to_list() == [span_id]


@pytest.mark.parametrize(
    ("kind", "peer"),
    [("client", "db"), ("producer", "db"), (None, "db"), ("server", None), ("internal", None)],
)
def test_only_who_may_have_called_somebody_has_a_peer(kind: str | None, peer: str | None) -> None:
    named = recorded(kind=kind, attributes='{"peer.service":"db"}')
    assert spans_from(named)["peer"].to_list() == [peer]


@pytest.mark.parametrize(("written", "status"), [("200", 200), ("200.0", 200), ("2xx", None), ("", None)])
def test_a_status_is_a_whole_number(written: str, status: int | None) -> None:
    told = recorded(attributes=f'{{"http.response.status_code":"{written}"}}')
    assert spans_from(told)["http_status"].to_list() == [status]


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-01-31T10:00:00Z", 10),
        ("2026-01-31 10:00:00.000", 10),
        ("2026-01-31 10:00:00 UTC", 10),
        ("2026-01-31T10:00:00 UTC", 10),
        ("2026-01-31T10:00:00+02:00", 8),
        ("2026-01-31T10:00:00-0200", 12),
    ],
)
def test_a_time_is_utc_unless_it_says(written: str, hour: int) -> None:
    instant = datetime(2026, 1, 31, hour, tzinfo=UTC)
    assert calendar_ns(pl.Series([written])).to_list() == [int(instant.timestamp()) * 1_000_000_000]
