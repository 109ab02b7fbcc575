"""Traces of made-up systems with a known fault: random topologies, every span simulated.

An operation is work between steps; a step calls an operation of another service, or several at once. Faults
act where they act in reality: on a service's work, on its way in, on its way out, on its answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import polars as pl

from incident_kit.schema import SPANS, conform

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

KINDS = {
    "cpu": "its work takes `size` times as long, requests queue, answers are read late",
    "delay": "each of its requests takes `size` ms longer",
    "slow-egress": "everything it sends, calls and answers, takes `size` ms longer",
    "slow-ingress": "everything sent to it takes `size` ms longer",
    "abort": "a `size` share of the calls to it fails before it sees them",
    "exception": "a `size` share of its requests fails at once",
    "early-return": "a `size` share of its requests is answered without its own calls and most of its work",
    "bad-answer": "the same, nothing is marked as failed, and callers stop there",
    "killed": "all calls to it fail",
}
"""What each kind of fault does."""

CLOCK = "clock-shift"
"""No fault, a trap: the host's clock is `size` ms ahead during the incident."""


@dataclass
class Operation:
    """What a service does: work, and steps of (operation, probability) called side by side."""

    service: str
    name: str
    work_ms: float
    steps: list[list[tuple[Operation, float]]] = field(default_factory=list)
    stops_on_failure: bool = True


@dataclass(frozen=True)
class System:
    """Entry operations with their weights, services without spans (`blind`), and how spans are recorded."""

    entries: list[tuple[Operation, float]]
    blind: frozenset[str] = frozenset()
    noise: float = 0.3
    network_ms: float = 0.5
    stalls: float = 0.0
    labelled: bool = True
    client_spans: bool = True
    generic_names: bool = False


@dataclass(frozen=True)
class Fault:
    """One of KINDS (or CLOCK) at a service; `size` in the unit that the kind says."""

    kind: str
    service: str
    size: float


@dataclass(frozen=True)
class Answer:
    """When it came, and whether it made its caller stop."""

    end: float
    bad: bool


class Simulation:
    """A run of a system under faults; times are milliseconds since EPOCH."""

    def __init__(self, system: System, faults: list[Fault], seed: int) -> None:
        self.system, self.draw = system, Random(seed)
        self.sizes = {(fault.kind, fault.service): fault.size for fault in faults}
        self.unmarked = not system.labelled or any(fault.kind == "bad-answer" for fault in faults)
        self.rows: list[dict[str, object]] = []
        self.trace, self.run_id = "", f"{self.draw.getrandbits(24):06x}"

    def size(self, kind: str, service: str) -> float:
        return self.sizes.get((kind, service), 0.0)

    def hits(self, kind: str, service: str) -> bool:
        return self.draw.random() < self.size(kind, service)

    def varied(self, ms: float) -> float:
        stall = self.draw.expovariate(1 / 50) if self.draw.random() < self.system.stalls else 0.0
        return ms * self.draw.lognormvariate(0, self.system.noise) + stall

    def span(self, parent: str | None, service: str, name: str, kind: str, peer: str | None = None) -> str:
        """Open a span and return its id; `close` gives it its times."""
        span_id = f"{self.run_id}{len(self.rows):010x}"
        label = kind if self.system.labelled else None
        self.rows.append({
            "trace_id": self.trace, "span_id": span_id, "parent_span_id": parent, "service": service,
            "name": name, "kind": label, "peer": peer, "start": 0, "duration_ms": 0.0, "status": None,
        })  # fmt: skip
        return span_id

    def close(self, span_id: str, start: float, end: float, *, failed: bool) -> None:
        row = self.rows[int(span_id.removeprefix(self.run_id), 16)]
        start_ms = start + self.size(CLOCK, str(row["service"]))
        row["start"] = int(EPOCH.timestamp() * 1e9) + int(start_ms * 1e6)
        row["duration_ms"] = max(end - start, 0.001)
        if self.system.labelled:
            row["status"] = "error" if failed and not self.unmarked else "unset"

    def serve(self, operation: Operation, start: float, parent: str | None) -> Answer:
        """Simulate one request from when the service gets it."""
        service, bad = operation.service, False
        entry = self.span(parent, service, operation.name, "server")
        inner = self.span(entry, service, f"{operation.name}.handle", "internal")
        now = begun = start + self.size("delay", service)
        early = self.hits("early-return", service)
        now += self.load(operation, inner, begun, early=early)
        if self.hits("exception", service) or self.hits("bad-answer", service):
            bad = True
        elif not early:
            for step in operation.steps:
                called = [callee for callee, probability in step if self.draw.random() < probability]
                answers = [self.call(operation, callee, now, inner) for callee in called]
                now = max([now, *(answer.end for answer in answers)]) + self.work(operation)
                if any(answer.bad for answer in answers) and operation.stops_on_failure:
                    bad = True
                    break
        self.close(inner, begun, now, failed=bad)
        self.close(entry, start, now + 0.05, failed=bad)
        return Answer(now + 0.05, bad)

    def load(self, operation: Operation, parent: str, start: float, *, early: bool) -> float:
        """Return how long the first stretch of work takes; it has a span of its own unless cut short."""
        if early:
            return self.work(operation) / 3
        took = self.work(operation)
        self.close(
            self.span(parent, operation.service, "load", "internal"), start, start + took, failed=False
        )
        return took

    def work(self, operation: Operation) -> float:
        slower = self.size("cpu", operation.service) or 1.0
        return slower * self.varied(operation.work_ms / (len(operation.steps) + 1))

    def call(self, caller: Operation, callee: Operation, start: float, parent: str) -> Answer:
        """Simulate one call from when the caller makes it."""
        there = self.sent(caller.service, callee, start)
        if self.hits("abort", callee.service) or self.hits("killed", callee.service):
            return self.recorded(caller, callee, start, parent, Answer(there, bad=True))
        if callee.service in self.system.blind:
            done = there + self.work(callee) + self.size("delay", callee.service)
            answer = Answer(done, self.hits("exception", callee.service))
        elif self.system.client_spans:
            client = self.span(parent, caller.service, self.called(callee), "client", self.peer(callee))
            answer = self.serve(callee, there, client)
            back = Answer(self.answered(caller, callee, answer.end), answer.bad)
            self.close(client, start, back.end, failed=back.bad)
            return back
        else:
            answer = self.serve(callee, there, parent)
            return Answer(self.answered(caller, callee, answer.end), answer.bad)
        back = Answer(self.answered(caller, callee, answer.end), answer.bad)
        return self.recorded(caller, callee, start, parent, back)

    def recorded(
        self, caller: Operation, callee: Operation, start: float, parent: str, back: Answer
    ) -> Answer:
        """Return the answer of a call that only the caller's own span shows, if it records any."""
        if self.system.client_spans or callee.service in self.system.blind:
            client = self.span(parent, caller.service, self.called(callee), "client", self.peer(callee))
            self.close(client, start, back.end, failed=back.bad)
        return back

    def called(self, callee: Operation) -> str:
        return "HTTP GET" if self.system.generic_names else f"call {callee.name}"

    def peer(self, callee: Operation) -> str | None:
        named = self.system.labelled or callee.service in self.system.blind
        return callee.service if named else None

    def sent(self, caller: str, callee: Operation, start: float) -> float:
        """Return when the callee begins: network, the caller's way out, the callee's way in and queue."""
        queue = 0.2 * callee.work_ms * max(self.size("cpu", callee.service) - 1, 0)
        slow = self.size("slow-egress", caller) + self.size("slow-ingress", callee.service)
        waits = self.draw.expovariate(1 / queue) if queue else 0.0
        return start + self.varied(self.system.network_ms) + slow + waits

    def answered(self, caller: Operation, callee: Operation, end: float) -> float:
        """Return when the caller has read the answer: network, the callee's way out, a busy caller."""
        busy = 0.1 * caller.work_ms * max(self.size("cpu", caller.service) - 1, 0)
        late = self.draw.expovariate(1 / busy) if busy else 0.0
        return end + self.varied(self.system.network_ms) + self.size("slow-egress", callee.service) + late

    def run(self, seconds: float, rate: float, offset_s: float) -> pl.DataFrame:
        """Return the spans of requests that arrive at random, `rate` a second."""
        operations, weights = zip(*self.system.entries, strict=True)
        now = self.draw.expovariate(rate)
        while now < seconds:
            self.trace = f"{self.draw.getrandbits(128):032x}"
            self.serve(self.draw.choices(operations, weights)[0], 1e3 * (offset_s + now), None)
            now += self.draw.expovariate(rate)
        return conform(pl.DataFrame(self.rows, infer_schema_length=None), SPANS)


def simulate(
    system: System,
    seconds: float,
    rate: float,
    faults: list[Fault] | None = None,
    *,
    seed: int,
    offset_s: float,
) -> pl.DataFrame:
    """Return SPANS of `seconds` of requests at `rate` a second, from `offset_s` seconds after EPOCH on."""
    return Simulation(system, faults or [], seed).run(seconds, rate, offset_s)


def random_system(seed: int) -> System:
    """Return a system of 6 to 24 services in four layers; some of the deeper ones record no spans."""
    draw = Random(seed)
    names = [f"s{number:02d}" for number in range(draw.randint(6, 24))]
    layer = {name: 1 + 4 * place // len(names) for place, name in enumerate(names)}
    blind = frozenset(name for name in names if layer[name] > 2 and draw.random() < 0.3)
    made: dict[str, list[Operation]] = {}
    for name in reversed(names):
        deeper = [other for below in made if layer[below] > layer[name] for other in made[below]]
        count = 1 if name in blind else draw.randint(1, 3)
        made[name] = [
            _operation(draw, name, number, [] if name in blind else deeper) for number in range(count)
        ]
    first = [operation for name in names if layer[name] == 1 for operation in made[name]]
    entries = [(_entry(draw, number, first), draw.uniform(0.2, 2)) for number in range(draw.randint(2, 6))]
    return System(
        entries,
        blind,
        noise=draw.uniform(0.15, 0.6),
        network_ms=draw.lognormvariate(-0.5, 0.7),
        stalls=draw.choice([0.0, 0.002, 0.01]),
        labelled=draw.random() < 0.5,
        client_spans=draw.random() < 0.9,
        generic_names=draw.random() < 0.3,
    )


def _operation(draw: Random, service: str, number: int, callable_: list[Operation]) -> Operation:
    operation = Operation(service, f"{service}/{number}", draw.lognormvariate(1.2, 0.8))
    operation.stops_on_failure = draw.random() < 0.7
    for _ in range(draw.randint(1, 4) if callable_ else 0):
        side_by_side = 1 if draw.random() < 0.8 else draw.randint(2, 3)
        chosen = draw.sample(callable_, min(len(callable_), side_by_side))
        operation.steps.append(
            [(callee, draw.choice([1.0, 1.0, draw.uniform(0.2, 0.9)])) for callee in chosen]
        )
    return operation


def _entry(draw: Random, number: int, first: list[Operation]) -> Operation:
    steps = [[(draw.choice(first), 1.0)] for _ in range(draw.randint(1, 3))]
    return Operation("gateway", f"GET /{number}", draw.lognormvariate(0.5, 0.5), steps)
