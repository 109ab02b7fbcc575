"""Frames leave nothing that is secret, keep their rows, and give each person one other name."""

from __future__ import annotations

import json
from dataclasses import replace

import polars as pl

from incident_kit.engines.evidence import Evidence
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.reports.inputs.masking import mask_frame, mask_rollup
from incident_kit.reports.inputs.pseudonyms import Pseudonyms

NAMES = Pseudonyms.keyed_by(b"a log", b"a trace")


def test_a_frame_of_requests_is_masked_and_keeps_its_rows() -> None:
    frame = pl.DataFrame(
        {
            "target": ["/a?token=s3cret", None, "/a?ip=198.51.100.7"],
            "client_ip": ["2001:db8::7", "198.51.100.7", None],
            "user": ["ann", None, "ann"],
            "upstream_addr": ["10.0.0.5:8080"] * 3,
            "host": ["ann:s3cret@shop.example", "shop.example", None],
            "extra": ['{"xff": "198.51.100.7:51234", "instance": "10.0.0.5:8080"}', None, None],
            "status": [200, 500, 200],
        }
    )
    masked = mask_frame(frame, NAMES)
    assert masked["target"].to_list() == ["/a?token=***", None, f"/a?ip={NAMES.client('198.51.100.7')}"]
    assert masked["host"].to_list() == ["ann:***", "shop.example", None]
    assert masked["extra"][0] == (
        f'{{"xff": "{NAMES.client("198.51.100.7")}:51234", "instance": "10.0.0.5:8080"}}'
    )
    assert masked["user"][0] == masked["user"][2] == NAMES.user("ann")
    assert masked["client_ip"].is_null().to_list() == [False, False, True]
    assert masked.select("upstream_addr", "status").equals(frame.select("upstream_addr", "status"))


def test_attributes_of_spans_are_masked_and_stay_json() -> None:
    given_attributes = {
        "client.address": "198.51.100.7",
        "url.full": "http://s/x?api_key=k1",
        "user.id": 7,
        "http.request.header.authorization": ["Basic abc"],
        "http.request.header.cookie": "theme=dark",
        "http.request.header.x-forwarded-for": "198.51.100.7, 198.51.100.9",
        "db.statement": "select 1",
        "retries": 2,
        "otp": 123456,
        "code": 14,
    }
    masked = mask_frame(pl.DataFrame({"attributes": [json.dumps(given_attributes)]}), NAMES)
    assert json.loads(masked["attributes"][0]) == {
        "client.address": NAMES.client("198.51.100.7"),
        "url.full": "http://s/x?api_key=***",
        "user.id": NAMES.user("7"),
        "http.request.header.authorization": ["***"],
        "http.request.header.cookie": "***",
        "http.request.header.x-forwarded-for": (
            f"{NAMES.client('198.51.100.7')}, {NAMES.client('198.51.100.9')}"
        ),
        "db.statement": "select 1",
        "retries": 2,
        "otp": "***",
        "code": 14,
    }


def test_a_rejected_line_keeps_neither_address_nor_secret() -> None:
    frame = pl.DataFrame({"raw": ["198.51.100.7 - bogus /a?password=hunter2"]})
    assert mask_frame(frame, NAMES)["raw"][0] == f"{NAMES.client('198.51.100.7')} - bogus /a?password=***"


def test_a_rollup_is_masked_like_the_requests_it_was_made_from(evidence: Evidence) -> None:
    requests = evidence.requests
    assert isinstance(requests, pl.DataFrame)
    named = requests.with_columns(route=pl.col("route") + "/ann.lee@example.com")
    masked = mask_rollup(rollup_requests(named), NAMES)
    of_masked = rollup_requests(mask_frame(named, NAMES))
    for table in ("counts", "latency", "attributes"):
        assert getattr(masked, table).equals(getattr(of_masked, table)), table
    assert isinstance(masked, Rollup)
    assert not masked.attributes["value"].str.contains("198.51.100", literal=True).any()


def test_the_rest_of_the_networks_together_keeps_its_name(evidence: Evidence) -> None:
    assert isinstance(evidence.requests, pl.DataFrame)
    rollup = rollup_requests(evidence.requests)
    late = pl.col("time") > pl.col("time").min()
    rest = pl.when(late, attribute="client_network").then(pl.lit("(other)")).otherwise("value")
    masked = mask_rollup(replace(rollup, attributes=rollup.attributes.with_columns(value=rest)), NAMES)
    networks = masked.attributes.filter(attribute="client_network")["value"].unique().sort().to_list()
    assert networks == ["(other)", NAMES.network("198.51.100.0/24")]
