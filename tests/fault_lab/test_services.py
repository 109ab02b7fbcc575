"""What a service does with a request, without nginx or a database."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from fault_lab.services.config import Misbehaviour, ServiceConfig
from fault_lab.services.peers import PeerError
from fault_lab.services.service import Service, traced

EDGE_ID = "0123456789abcdef0123456789abcdef"


def config(tmp_path, **changes) -> ServiceConfig:
    values = {
        "name": "shop",
        "version": "1.0.0",
        "instance": "shop-1",
        "port": 0,
        "spans": str(tmp_path / "spans.jsonl"),
        "sampling": 1.0,
        "seed": 1,
        "database_port": 0,
    }
    return ServiceConfig(**values | changes)


def test_a_config_survives_the_way_to_the_process(tmp_path) -> None:
    sent = config(tmp_path, peers={"cart": 1}, misbehaviour=Misbehaviour("/charges", 10.0, 0.5))
    assert ServiceConfig.from_json(sent.to_json()) == sent


def served(settings: ServiceConfig, handler, headers: dict[str, str]) -> tuple[int, list[dict]]:
    """The status that a client gets from a handler at /x/{id}, and the spans that were written."""

    async def play() -> int:
        service = Service(settings, connections=0)
        app = web.Application()
        app.router.add_get("/x/{id}", traced(service, "/x/{id}", handler))
        async with TestClient(TestServer(app)) as client:
            status = (await client.get("/x/7", headers=headers)).status
        await service.peers.close()
        service.telemetry.close()
        return status

    status = asyncio.run(play())
    with Path(settings.spans).open() as lines:
        batches = [json.loads(line) for line in lines]
    return status, [s for b in batches for s in b["resourceSpans"][0]["scopeSpans"][0]["spans"]]


async def fine(service: Service, request: web.Request) -> web.Response:
    return web.json_response({})


async def peer_down(service: Service, request: web.Request) -> web.Response:
    raise PeerError("cart", "ClientConnectorError")


def attributes(span: dict) -> dict[str, str]:
    return {entry["key"]: next(iter(entry["value"].values())) for entry in span["attributes"]}


def test_the_edges_request_id_becomes_the_trace_id_of_a_root_span(tmp_path) -> None:
    status, (span,) = served(config(tmp_path), fine, {"X-Request-ID": EDGE_ID})
    assert (status, span["traceId"], "parentSpanId" in span) == (200, EDGE_ID, False)
    assert attributes(span)["http.route"] == "/x/{id}"


def test_a_callers_traceparent_makes_the_span_its_child(tmp_path) -> None:
    parent = {"traceparent": f"00-{EDGE_ID}-00000000000000aa-01"}
    _, (span,) = served(config(tmp_path), fine, parent)
    assert (span["traceId"], span["parentSpanId"]) == (EDGE_ID, "00000000000000aa")


def test_the_callers_decision_not_to_sample_is_kept(tmp_path) -> None:
    _, spans = served(config(tmp_path), fine, {"traceparent": f"00-{EDGE_ID}-00000000000000aa-00"})
    assert spans == []


def test_a_peer_that_does_not_answer_is_a_bad_gateway(tmp_path) -> None:
    status, (span,) = served(config(tmp_path), peer_down, {})
    assert (status, span["status"]) == (502, {"code": 2})
    assert attributes(span)["error.type"] == "502"


def test_a_bad_release_fails_on_its_route_and_leaves_no_stack_trace(tmp_path) -> None:
    bad = config(tmp_path, misbehaviour=Misbehaviour("/x/{id}", failure_rate=1.0))
    status, (span,) = served(bad, fine, {})
    assert status == 500
    assert set(attributes(span["events"][0])) == {"exception.type", "exception.message"}


def test_a_bad_release_leaves_other_routes_alone(tmp_path) -> None:
    bad = config(tmp_path, misbehaviour=Misbehaviour("/charges", failure_rate=1.0))
    assert served(bad, fine, {})[0] == 200
