"""Elastic APM's transactions and spans, as Elasticsearch holds them."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.spans.dialect import known_formats
from incident_kit.read.traces import read_traces

TRANSACTION = json.loads(known_formats()["elastic-apm"].sample)
TRACE, ROOT, CHILD = TRANSACTION["trace"]["id"], TRANSACTION["transaction"]["id"], "eee19b7ec3c1b175"
SPAN = {
    "processor": {"event": "span"},
    "timestamp": {"us": 1544712660000000},
    "trace": {"id": TRACE},
    "parent": {"id": ROOT},
    "transaction": {"id": ROOT},
    "service": {"name": "shop"},
    "span": {
        "id": CHILD,
        "name": "SELECT FROM carts",
        "type": "db",
        "subtype": "postgresql",
        "duration": {"us": 250.5},
        "destination": {"service": {"resource": "postgresql"}},
        "db": {"statement": "SELECT 1"},
    },
    "event": {"outcome": "failure"},
}
METRIC = {"processor": {"event": "metric"}, "trace": {}, "transaction": {"duration": {}}}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(TRANSACTION) + "\n" + json.dumps(SPAN) + "\n",
        [TRANSACTION, SPAN],
        {"took": 1, "hits": {"hits": [{"_source": TRANSACTION}, {"_source": SPAN}]}},
        json.dumps({"took": 1, "hits": {"hits": [{"_source": TRANSACTION}, {"_source": SPAN}]}}, indent=2),
    ],
    ids=["one a line", "a list", "an answer", "an answer, pretty"],
)
def test_transactions_and_spans_are_spans(content, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert (traces.trace_format, traces.rejected.height) == ("elastic-apm", 0)
    spans = traces.spans.select("trace_id", "span_id", "parent_span_id", "service", "kind", "peer", "status")
    assert spans.rows() == [
        (TRACE, ROOT, None, "shop", "server", None, "unset"),
        (TRACE, CHILD, ROOT, "shop", "client", "postgresql", "error"),
    ]
    assert traces.spans["duration_ms"].to_list() == [1000, 0.2505]


@pytest.mark.parametrize(
    ("of_span", "kind"),
    [
        ({"destination": {}}, "internal"),
        ({"type": "messaging"}, "producer"),
        ({"type": "external"}, "client"),
        ({"kind": "CONSUMER"}, "consumer"),
    ],
)
def test_a_span_with_a_destination_is_a_call(of_span: dict, kind: str, write_file: Callable) -> None:
    document = SPAN | {"span": SPAN["span"] | of_span}
    assert read_traces(write_file([TRANSACTION, document])).spans["kind"].to_list()[1] == kind


@pytest.mark.parametrize(
    ("type_", "kind"), [("request", "server"), ("messaging", "consumer"), ("scheduled", "internal")]
)
def test_a_transaction_is_what_its_type_says(type_: str, kind: str, write_file: Callable) -> None:
    document = TRANSACTION | {"transaction": TRANSACTION["transaction"] | {"type": type_}}
    assert read_traces(write_file([document])).spans["kind"].to_list() == [kind]


def test_attributes_have_opentelemetrys_names_and_labels_their_own(write_file: Callable) -> None:
    told = {"labels": {"tenant": "a"}, "numeric_labels": {"items": 3}, "host": {"name": "h"}}
    (span,) = read_traces(write_file([TRANSACTION | told])).spans.to_dicts()
    assert span["http_status"] == 200
    expected = {"tenant": "a", "items": "3", "host.name": "h", "service.name": "shop"}
    assert expected.items() <= json.loads(span["attributes"]).items()


def test_what_is_no_span_is_rejected_with_what_it_is(write_file: Callable) -> None:
    nameless = SPAN | {"trace": {}}
    traces = read_traces(write_file([TRANSACTION, METRIC, nameless, SPAN | {"span": 5}]))
    assert traces.spans.height == 1
    of_metric, *others = traces.rejected["reason"]
    assert of_metric == "The document is no span or transaction but has the event metric."
    assert len(others) == 2
