"""Estimate clock skew between hosts from the calls between them, correct it and report it.

A server span lies within its client span. If it does not, although it is short enough, one of the two clocks
is off. The estimate is the shift that centres the server span in the client span, which takes the way to the
server and back as equally long (as NTP, Zipkin and Jaeger do). For example, a client span lasts from 0 to 100
ms and its server span from 540 to 620 ms: centred, it would last from 10 to 90 ms, so the callee's clock is
530 ms ahead. A single such call may be a client that gave up, so a clock is only corrected if most calls
between two hosts agree.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.nanoseconds import NS_PER_MS, Nanoseconds
from incident_kit.measure.spans.parent_rows import Rows
from incident_kit.measure.spans.span_tree import AnySpans, SpanTree, span_tree
from incident_kit.schema import attribute

# Attributes that identify the host whose clock timed a span, best first. Without any, a service counts as one
# host.
HOST_ATTRIBUTES = ("host.name", "host.id", "k8s.node.name", "k8s.pod.name", "service.instance.id", "hostname")
# Many sources round to milliseconds, so smaller differences are invisible and would change nothing.
TOLERANCE_NS = 1_000_000
# Fewest misfits that prove a skew. One call is enough if the server span begins before its client span, which
# is impossible with one clock. A server span that ends after its client span only needs an impatient client,
# so that has to happen repeatedly. The same holds for spans whose kinds do not say client and server.
MIN_MISFITS = 5
MIN_MISFIT_SHARE = 0.5


def clock_skew(spans: AnySpans) -> pl.DataFrame:
    """Return how the clocks of hosts that call each other disagree.

    One row for each pair of hosts: `caller`, `callee` (hosts), `calls`, `misfits` (calls whose server span
    lies outside its client span, though short enough to fit), `skew_ms` (callee's clock minus caller's, 0
    where the misfits prove nothing). The largest skew comes first.
    """
    pairs = _host_pairs(_calls(span_tree(spans)))
    return (
        pairs.with_columns(skew_ms=pl.col("skew_ns") / NS_PER_MS)
        .drop("skew_ns")
        .sort(pl.col("skew_ms").abs(), "caller", "callee", descending=[True, False, False])
    )


def correct_clocks(spans: AnySpans) -> pl.DataFrame:
    """Return the distinct spans with `start` moved to one common clock where host clocks disagree."""
    tree = span_tree(spans)
    moved = pl.Series(on_one_clock(tree).start - tree.start)
    return tree.spans.with_columns(pl.col("start") + moved.cast(pl.Duration("ns")))


def on_one_clock(tree: SpanTree) -> SpanTree:
    """Return the tree with every host's spans moved to one common clock."""
    if clocks_agree(tree):  # nearly always, and finding hosts means searching attributes
        return tree
    pairs = _host_pairs(_calls(tree))
    if (pairs["skew_ns"] == 0).all():
        return tree
    offsets = _offsets(pairs)
    ahead = _hosts(tree.spans).replace_strict(offsets, default=0, return_dtype=pl.Int64)
    return tree.shifted(-ahead.to_numpy())


def clocks_agree(tree: SpanTree) -> bool:
    """Return whether no call shows that two clocks differ."""
    return not _misfits(*_margins(tree, _remote_calls(tree))).any()


def _remote_calls(tree: SpanTree) -> Rows:
    """Return the rows of server spans below a client span of another service.

    Where spans have no kind, every span below a span of another service counts.
    """
    unknown = tree.spans["kind"].is_null().to_numpy()
    called = (tree.of_kind("server") & tree.below("client")) | (unknown & unknown[tree.parent])
    return np.flatnonzero(called & tree.remote & tree.awaited)


def _margins(tree: SpanTree, callee: Rows) -> tuple[Nanoseconds, Nanoseconds]:
    """Return how long each client span lasts before its server span begins, and after that one has ended."""
    caller = tree.parent[callee]
    return tree.start[callee] - tree.start[caller], tree.end[caller] - tree.end[callee]


def _misfits(before: Nanoseconds, after: Nanoseconds) -> Bools:
    """Return whether each call's server span would fit into its client span and yet lies outside it."""
    misfits: Bools = (before + after >= 0) & (np.minimum(before, after) < -TOLERANCE_NS)
    return misfits


def _calls(tree: SpanTree) -> pl.DataFrame:
    callee, hosts = _remote_calls(tree), _hosts(tree.spans)
    before, after = _margins(tree, callee)
    return pl.DataFrame(
        {
            "caller": hosts.gather(tree.parent[callee]),
            "callee": hosts.gather(callee),
            "before": before,
            "after": after,
            "misfit": _misfits(before, after),
            "is_served": tree.spans["kind"].gather(callee) == "server",
        }
    ).filter(pl.col("caller") != pl.col("callee"))


def _host_pairs(calls: pl.DataFrame) -> pl.DataFrame:
    """Return [caller, callee, calls, misfits, skew_ns]; the skew is 0 unless the calls prove one."""
    fits = pl.col("before") + pl.col("after") >= 0
    too_early = pl.col("misfit") & (pl.col("before") < -TOLERANCE_NS)
    begins_early = (too_early & pl.col("is_served").fill_null(value=False)).any()
    pairs = calls.group_by("caller", "callee", maintain_order=True).agg(
        calls=pl.len(),
        misfits=pl.col("misfit").sum(),
        proven=(pl.col("misfit").sum() > MIN_MISFIT_SHARE * fits.sum())
        & (begins_early | (pl.col("misfit").sum() >= MIN_MISFITS)),
        centred=((pl.col("before") - pl.col("after")) / 2).filter(fits).median(),
    )
    skew = pl.when("proven").then(pl.col("centred").round()).otherwise(0).cast(pl.Int64).alias("skew_ns")
    return pairs.select("caller", "callee", "calls", "misfits", skew)


def _hosts(spans: pl.DataFrame) -> pl.Series:
    return spans.select(pl.coalesce([*map(attribute, HOST_ATTRIBUTES), "service"]).alias("host")).to_series()


def _offsets(pairs: pl.DataFrame) -> dict[str, int]:
    """Return by how many ns each host's clock is ahead of a reference host.

    A maximum spanning tree by number of calls (Prim's algorithm) connects the hosts, so each offset rests on
    the busiest pairs. Groups of hosts that never call each other have a reference host each.
    """
    links: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for caller, callee, calls, _, skew in pairs.sort("calls", "caller", "callee").iter_rows():
        links[caller].append((-calls, callee, skew))
        links[callee].append((-calls, caller, -skew))
    ahead: dict[str, int] = {}
    for first in sorted(links, key=lambda host: (-sum(-calls for calls, _, _ in links[host]), host)):
        waiting = [(0, first, 0)]
        while waiting:
            _, host, offset = heappop(waiting)
            if host not in ahead:
                ahead[host] = offset
                for calls, neighbour, skew in links[host]:
                    heappush(waiting, (calls, neighbour, offset + skew))
    return ahead
