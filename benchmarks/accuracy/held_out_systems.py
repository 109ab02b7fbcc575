"""Eight systems that the method was not shaped on: topologies, traffic, and dialects of spans.

Each stands for something that real traces have and the random systems do not: deep chains, wide fan-outs,
messages, sidecars and retries, a shared database that records nothing, services that are hardly ever called,
many services of which each records only what it serves, caches and stores beside each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random


@dataclass(frozen=True)
class Dialect:
    """How spans are written: with kinds, with status, with whom they call, rounded, by clocks that differ."""

    kinds: bool = True
    statuses: bool = True
    peers: str = "service"
    clients: bool = True
    sidecars: bool = False
    resolution_ns: int = 1
    skew_ms: float = 0.0


@dataclass
class Operation:
    """Work in ms, and steps: each calls some operations side by side, each with a probability.

    `messages` are operations of others that begin later and that nobody waits for.
    """

    service: str
    name: str
    work_ms: float
    steps: list[list[tuple[Operation, float]]] = field(default_factory=list)
    messages: list[Operation] = field(default_factory=list)


@dataclass(frozen=True)
class Held:
    """A system: entry operations, services without spans, its dialect, and how work and network vary.

    `handlers` are services that only get messages.
    """

    name: str
    entries: list[Operation]
    blind: frozenset[str] = frozenset()
    handlers: frozenset[str] = frozenset()
    dialect: Dialect = Dialect()
    sigma: float = 0.35
    tail: float = 0.0
    traces: int = 250
    retries: int = 0


def chain(draw: Random) -> Held:
    """Ten services deep, every third one with a database of its own; without kinds and status."""
    below: Operation | None = None
    for depth in reversed(range(10)):
        steps = [[(below, 1.0)]] if below else []
        if depth % 3 == 2:
            steps.insert(0, [(Operation(f"store-{depth}", "query", draw.uniform(1, 5)), 1.0)])
        below = Operation(f"hop-{depth}", f"handle{depth}", draw.uniform(1, 6), steps)
    assert below is not None
    stores = frozenset(f"store-{depth}" for depth in (2, 5, 8))
    return Held("deep chain", [below], stores, dialect=Dialect(kinds=False, statuses=False, peers="address"))


def fan_out(draw: Random) -> Held:
    """An aggregator asks twelve services at once, some of which share three more; heavy tails."""
    shared = [Operation(f"shared-{n}", f"lookup{n}", draw.uniform(2, 8)) for n in range(3)]
    leaves = [
        Operation(f"part-{n}", f"part{n}", draw.uniform(3, 15), [[(shared[n % 3], 1.0)]] if n % 2 else [])
        for n in range(12)
    ]
    page = Operation("page", "render", 5, [[(leaf, 1.0) for leaf in leaves]])
    return Held("wide fan-out", [Operation("edge", "GET /", 1, [[(page, 1.0)]])], sigma=0.6, tail=0.01)


def events(draw: Random) -> Held:
    """An interface that answers at once and sends messages; consumers do the work, and two entries share."""
    ledger = Operation("ledger-db", "INSERT", draw.uniform(2, 5))
    mail = Operation("mailer", "send", draw.uniform(5, 20))
    billing = Operation("billing", "bill", draw.uniform(5, 15), [[(ledger, 1.0)]], [mail])
    stock = Operation("stock", "reserve", draw.uniform(3, 9), [[(ledger, 1.0)]])
    orders = Operation("orders", "POST /orders", draw.uniform(3, 8), [[(stock, 1.0)]], [billing])
    users = Operation("users", "GET /users", draw.uniform(2, 6))
    entries = [
        Operation("web", "order", 2, [[(users, 1.0)], [(orders, 1.0)]]),
        Operation("mobile", "order", 2, [[(orders, 1.0)]]),
        Operation("web", "profile", 2, [[(users, 1.0)]]),
    ]
    handlers = frozenset({"billing", "mailer"})
    return Held("messages", entries, frozenset({"ledger-db"}), handlers, Dialect(skew_ms=40.0))


def mesh(draw: Random) -> Held:
    """Sidecars write a second span around every server's, addresses are hosts, the gateway tries twice."""
    rates = Operation("rates", "Get", draw.uniform(2, 6))
    geo = Operation("geo", "Find", draw.uniform(2, 8))
    profile = Operation("profile", "Get", draw.uniform(3, 9))
    search = Operation("search", "Nearby", draw.uniform(3, 9), [[(geo, 1.0), (rates, 1.0)]])
    reserve = Operation("reserve", "Make", draw.uniform(4, 12), [[(profile, 0.7)], [(rates, 1.0)]])
    entries = [
        Operation("gateway", "GET /hotels", 1, [[(search, 1.0)], [(profile, 1.0)]]),
        Operation("gateway", "POST /reserve", 1, [[(reserve, 1.0)]]),
    ]
    return Held("mesh with retries", entries, dialect=Dialect(peers="host", sidecars=True), retries=1)


def shared_store(draw: Random) -> Held:
    """Three entries, eight services, one database and one cache for all; whole milliseconds, no status."""
    store = Operation("main-db", "SELECT", draw.uniform(3, 8))
    cache = Operation("cache", "GET", 1.0)
    services = [
        Operation(
            f"svc-{n}", f"op{n}", draw.uniform(4, 12), [[(cache, 1.0)], [(store, draw.uniform(0.4, 1))]]
        )
        for n in range(5)
    ]
    middle = [
        Operation(f"mid-{n}", f"mid{n}", draw.uniform(3, 8), [[(of, 1.0)] for of in draw.sample(services, 2)])
        for n in range(3)
    ]
    entries = [Operation(f"front-{n}", f"GET /{n}", 2, [[(of, 1.0)]]) for n, of in enumerate(middle)]
    return Held(
        "shared database", entries, frozenset({"main-db", "cache"}),
        dialect=Dialect(statuses=False, resolution_ns=1_000_000),
    )  # fmt: skip


def sparse(draw: Random) -> Held:
    """Twenty services, most of them called by few requests, one trace in ten kept, server spans only."""
    leaves = [Operation(f"leaf-{n}", f"leaf{n}", draw.uniform(3, 15)) for n in range(14)]
    middle = [
        Operation(f"node-{n}", f"node{n}", draw.uniform(3, 9), [[(of, 0.5)] for of in draw.sample(leaves, 4)])
        for n in range(5)
    ]
    entries = [Operation("api", f"GET /{n}", 2, [[(of, 0.8)]]) for n, of in enumerate(middle)]
    return Held("seldom called, sampled", entries, dialect=Dialect(clients=False), sigma=0.45, traces=120)


def layered(draw: Random) -> Held:
    """Forty services in four layers, called one after the other; spans of what is served, and bare."""
    layers: list[list[Operation]] = []
    for depth in reversed(range(4)):
        deeper = [operation for layer in layers for operation in layer]
        layers.append([])
        for n in range(10):
            steps = (
                [[(of, draw.choice([1.0, 1.0, 0.6]))] for of in draw.choices(deeper, k=2)] if deeper else []
            )
            layers[-1].append(Operation(f"ts-{depth}{n}", f"op{depth}{n}", draw.uniform(1, 8), steps))
    entries = [
        Operation("ui", f"POST /{n}", 2, [[(of, 1.0)] for of in draw.sample(layers[-1], 3)]) for n in range(4)
    ]
    dialect = Dialect(kinds=False, statuses=False, clients=False)
    return Held("served spans only", entries, dialect=dialect, sigma=0.5, traces=150)


def timelines(draw: Random) -> Held:
    """Posts are written to timelines, side by side, and read; caches and stores record nothing."""

    def stored(name: str, work_ms: float, missed: float) -> list[list[tuple[Operation, float]]]:
        cache, store = Operation(f"{name}-cache", "get", 0.5), Operation(f"{name}-store", "find", work_ms)
        return [[(cache, 1.0)], [(store, missed)]]

    user = Operation("user", "Get", 2, stored("user", draw.uniform(1, 6), 0.3))
    links, mentions = Operation("links", "Shorten", draw.uniform(1, 4)), Operation("mentions", "Find", 3)
    text = Operation("text", "Parse", 4, [[(links, 0.6), (mentions, 0.6)]])
    posts = Operation("posts", "Read", draw.uniform(2, 5), stored("posts", draw.uniform(1, 6), 0.5))
    graph = Operation("graph", "Followers", 3, stored("graph", draw.uniform(1, 6), 0.4))
    home, own = (
        Operation(f"{name}-timeline", "Write", 3, steps)
        for name, steps in (("home", [[(graph, 1.0)]]), ("user", stored("user-timeline", 4, 0.5)))
    )
    compose = Operation(
        "compose", "Post", 5, [[(user, 1.0), (text, 1.0)], [(posts, 1.0)], [(home, 1.0), (own, 1.0)]]
    )
    read = [Operation(of.service, "Read", 3, [[(posts, 1.0)]]) for of in (home, own)]
    entries = [Operation("web", of.name, 1, [[(of, 1.0)]]) for of in (compose, *read)]
    names = ("user", "posts", "graph", "user-timeline")
    blind = frozenset(f"{name}-{kind}" for name in names for kind in ("cache", "store"))
    return Held("timelines", entries, blind, sigma=0.6, traces=150)


SYSTEMS: tuple[Callable[[Random], Held], ...] = (
    chain,
    fan_out,
    events,
    mesh,
    shared_store,
    sparse,
    layered,
    timelines,
)


def held_out_system(place: int, seed: int) -> Held:
    """Return one of the SYSTEMS with times of its own; every other seed has more varied work."""
    held = SYSTEMS[place](Random(seed))
    return replace(held, sigma=held.sigma * 1.5) if seed % 2 else held
