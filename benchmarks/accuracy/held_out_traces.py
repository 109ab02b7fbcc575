"""Spans of a held-out system under faults, written in its dialect; times are milliseconds since EPOCH."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from random import Random

import polars as pl

from benchmarks.accuracy.held_out_systems import Held, Operation
from benchmarks.accuracy.simulated_traces import EPOCH
from incident_kit.schema import SPANS, conform

TRACE_EVERY_MS = 400.0
BEGIN_NS = int(EPOCH.timestamp() * 1e9)

KINDS = {
    "delay": "each of its requests takes `size` ms longer",
    "jitter": "each takes between nothing and twice `size` ms longer",
    "delay-some": "three in ten of its requests take `size` ms longer",
    "egress": "all that leaves it, calls and answers, takes `size` ms longer",
    "ingress": "all that reaches it, calls and answers, takes `size` ms longer",
    "abort": "all calls to it are refused",
    "abort-some": "four in ten calls to it are refused",
    "cpu": "its work takes `size` times as long, and it is late to read",
    "killed": "nobody answers: its callers give up after a while",
}
"""What each kind of fault does."""

GIVES_UP_MS = 30.0


@dataclass(frozen=True)
class Fault:
    """One of KINDS at a service."""

    kind: str
    service: str
    size: float


class Run:
    """One run of a system; `rows` are its spans."""

    def __init__(self, held: Held, faults: list[Fault], seed: int) -> None:
        self.held, self.draw, self.seed = held, Random(seed), seed
        self.sizes = {(fault.kind, fault.service): fault.size for fault in faults}
        self.rows: list[dict[str, object]] = []
        self.trace = ""

    def of(self, kind: str, service: str) -> float:
        return self.sizes.get((kind, service), 0.0)

    def work(self, operation: Operation) -> float:
        """Return how long one stretch of work takes."""
        ms = operation.work_ms / (len(operation.steps) + 1)
        stalled = self.draw.paretovariate(1.5) * 20 if self.draw.random() < self.held.tail else 0.0
        slower = self.of("cpu", operation.service) or 1.0
        return ms * slower * self.draw.lognormvariate(0, self.held.sigma) + stalled

    def delay(self, service: str) -> float:
        """Return by how much a request is late because of a fault within the service."""
        some = self.of("delay-some", service) if self.draw.random() < 0.3 else 0.0
        return self.of("delay", service) + some + self.of("jitter", service) * self.draw.uniform(0, 2)

    def way(self, sender: str, receiver: str) -> float:
        """Return how long something is on its way; who is out of CPU is late to read it."""
        late = 0.5 * max(self.of("cpu", receiver) - 1, 0) * self.draw.random()
        network = 0.4 * self.draw.lognormvariate(0, 0.5)
        return network + late + self.of("egress", sender) + self.of("ingress", receiver)

    def refuses(self, service: str) -> bool:
        some = ("abort-some", service) in self.sizes and self.draw.random() < 0.4
        return some or ("abort", service) in self.sizes

    def open(self, parent: str | None, service: str, name: str, kind: str, peer: str | None = None) -> dict:
        dialect = self.held.dialect
        written = {"service": peer, "address": f"10.0.0.{zlib.crc32((peer or '').encode()) % 250}:80"}
        blind = peer in self.held.blind
        row: dict[str, object] = {
            "trace_id": self.trace, "span_id": f"{self.seed:06x}{len(self.rows):010x}",
            "parent_span_id": parent, "service": service, "name": name,
            "kind": kind if dialect.kinds else None,
            "peer": peer and (peer if blind else written.get(dialect.peers, f"{peer}.local:80")),
        }  # fmt: skip
        self.rows.append(row)
        return row

    def close(self, row: dict, start: float, end: float, *, failed: bool) -> None:
        dialect = self.held.dialect
        ahead = dialect.skew_ms * (zlib.crc32(str(row["service"]).encode()) % 5 - 2) / 2
        first, last = (
            int((time + ahead) * 1e6) // dialect.resolution_ns * dialect.resolution_ns
            for time in (start, end)
        )
        row["start"], row["duration_ms"] = BEGIN_NS + first, max(last - first, 1) / 1e6
        row["status"] = ("error" if failed else "unset") if dialect.statuses else None

    def serve(self, operation: Operation, at: float, parent: str | None) -> tuple[float, bool]:
        """Return when the answer leaves, and whether it is a failure."""
        service, failed, outer = operation.service, False, None
        if self.held.dialect.sidecars:
            outer = self.open(parent, service, f"sidecar {operation.name}", "server")
            parent = str(outer["span_id"])
        entry = self.open(parent, service, operation.name, "server")
        now = at + 0.1 + self.delay(service) + self.work(operation)
        for step in operation.steps:
            called = [callee for callee, share in step if self.draw.random() < share]
            answers = [self.call(operation, callee, now, str(entry["span_id"])) for callee in called]
            now = max([now, *(end for end, _ in answers)]) + self.work(operation)
            if any(bad for _, bad in answers):
                failed = True
                break
        if not failed:
            self.send(operation, now, str(entry["span_id"]))
        self.close(entry, at + 0.1, now, failed=failed)
        if outer is not None:
            self.close(outer, at, now + 0.1, failed=failed)
        return now + 0.1, failed

    def send(self, operation: Operation, at: float, parent: str) -> None:
        """Send messages, and let others handle them later."""
        for handler in operation.messages:
            producer = self.open(parent, operation.service, "publish", "producer", handler.service)
            self.close(producer, at - 0.5, at, failed=False)
            first = len(self.rows)
            if not self.of("killed", handler.service):
                self.serve(handler, at + self.draw.expovariate(1 / 20), str(producer["span_id"]))
                self.rows[first]["kind"] = "consumer" if self.held.dialect.kinds else None

    def call(self, caller: Operation, callee: Operation, at: float, parent: str) -> tuple[float, bool]:
        """Return when the caller has its answer, and whether it is a failure; the gateway may try again."""
        end, failed = self.attempt(caller, callee, at, parent)
        for _ in range(self.held.retries if failed and caller.service == "gateway" else 0):
            end, failed = self.attempt(caller, callee, end, parent)
        return end, failed

    def attempt(self, caller: Operation, callee: Operation, at: float, parent: str) -> tuple[float, bool]:
        client = None
        if self.held.dialect.clients or callee.service in self.held.blind:
            client = self.open(parent, caller.service, f"call {callee.name}", "client", callee.service)
        there = at + self.way(caller.service, callee.service)
        if ("killed", callee.service) in self.sizes:
            done, failed = at + GIVES_UP_MS * self.draw.uniform(0.9, 1.1), True
        elif self.refuses(callee.service):
            done, failed = there, True
        elif callee.service in self.held.blind:
            done, failed = there + self.delay(callee.service) + self.work(callee), False
        else:
            done, failed = self.serve(callee, there, parent if client is None else str(client["span_id"]))
        back = done + self.way(callee.service, caller.service)
        if client is not None:
            self.close(client, at, back, failed=failed)
        return back, failed

    def spans(self, offset_ms: float) -> pl.DataFrame:
        """Return the spans of as many requests as the system has, from `offset_ms` on."""
        for number in range(self.held.traces):
            self.trace = f"{self.draw.getrandbits(128):032x}"
            at = offset_ms + TRACE_EVERY_MS * (number + self.draw.random())
            self.serve(self.draw.choice(self.held.entries), at, None)
        return conform(pl.DataFrame(self.rows, infer_schema_length=None), SPANS)
