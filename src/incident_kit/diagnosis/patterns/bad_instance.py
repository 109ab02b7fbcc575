"""Pattern: one upstream, pod or server among several explains the extra bad requests.

The host of a request is not an instance: it is the name that was asked for, which every server may answer to.
Nor is an upstream that alone answers its endpoints: a service with an address of its own looks like that, as
the log of one site beside those of others does.
"""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.attributes.columns import file_name
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.nested import value_at
from incident_kit.schema import ENDPOINT, REQUESTS, SERVED_BY, attribute, empty

INSTANCES = {
    "upstream": "upstream",
    **{name: noun for noun, name in SERVED_BY.items() if noun not in ("zone", "region")},
    "kubernetes.pod_name": "pod",
    "kubernetes.pod.name": "pod",
    "kubernetes.host": "node",
    "kubernetes.node.name": "node",
    "pod_name": "pod",
    "pod": "pod",
    "hostname": "host",
    "file": "the server that wrote it",
}
"""The attributes that name an instance, or where it runs, the closest first, and what each is called.

Besides OpenTelemetry's these are the names that Fluent Bit, Filebeat and loggers write into a line of JSON.
"""

MIN_EXCESS_SHARE = 0.8
"""It has at least this share of the excess: with less, other instances are bad too."""

MIN_SEPARATION = 0.3
"""Its share of the excess exceeds its share of the traffic by at least this; a bad one of three equal
instances exceeds it by 0.67."""

OTHERS = 0.1
"""It is one of several only if others answer at least this many requests per one of its own."""

ALIKE = 0.8
"""At least this share of its requests is at endpoints that others answer too. Sites that share only `/` and
`/favicon.ico` are not instances of one service."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident comes from one instance among several."""
    places = case.attributes.filter(
        "separates",
        pl.col("attribute").is_in(list(INSTANCES)),
        pl.col("share") >= MIN_EXCESS_SHARE,
        pl.col("separation") >= MIN_SEPARATION,
    )
    told = sorted(places.iter_rows(named=True), key=lambda row: list(INSTANCES).index(row["attribute"]))
    row = next((row for row in told if _is_one_of_several(case, row["attribute"], row["value"])), None)
    if row is None:
        return None
    share = wording.share_with_interval(row["share"], row["low"], row["high"])
    instance = row["value"] if row["attribute"] != "file" else f"the server that wrote {row['value']}"
    return Finding(
        id="bad-instance",
        priority="reliability",
        claim=f"One instance is bad: {row['value']} ({INSTANCES[row['attribute']]}).",
        evidence=f"It has {wording.percent(row['traffic'], 0)} of the requests and {share} of the excess.",
        change=f"Take {instance} out of rotation now, and let health checks do that next time.",
        risk="The others take its traffic: see that they have room for it.",
        verify="Compare the others' error rate and latency with the target after it is out.",
        monitor="Errors and latency by instance, and the distance of the worst from the median.",
    )


def _is_one_of_several(case: Case, name: str, value: str) -> bool:
    """Return whether others answer the endpoints that an instance does."""
    answered = _answered(case, name)
    own = answered.filter(pl.col("instance") == value)
    rest = answered.filter(pl.col("instance") != value)
    shared = own.join(rest, on=list(ENDPOINT), how="semi", nulls_equal=True)
    others = rest.join(own, on=list(ENDPOINT), how="semi", nulls_equal=True)
    number, alike, elsewhere = (int(frame["requests"].sum()) for frame in (own, shared, others))
    return number > 0 and alike >= ALIKE * number and elsewhere >= OTHERS * number


def _answered(case: Case, name: str) -> pl.DataFrame:
    """Return how many `requests` each `instance` answered at each endpoint.

    Of requests those of the incident count: a file that was rotated before it had none of them. A rollup
    tells this of upstreams alone.
    """
    if name == "upstream":
        upstreams = case.rollup.upstreams.rename({"upstream": "instance"})
        return upstreams.group_by(*ENDPOINT, "instance").agg(pl.col("requests").sum())
    requests = empty(REQUESTS) if case.requests is None else case.requests
    during = requests.filter(case.during.covers())
    told = file_name(during["source"]) if name == "file" else _field(name)
    return during.group_by(*ENDPOINT, told.alias("instance")).agg(pl.len().alias("requests"))


def _field(name: str) -> pl.Expr:
    """Return the field of `extra` with a name, which may be one key or the keys of objects in objects."""
    return pl.coalesce(attribute(name, "extra"), value_at(name.split("."), "extra"))
