"""Known lines that are no requests but occur among requests, and what each of them is."""

from __future__ import annotations

import re

import polars as pl

NO_REQUESTS = {
    r"^#": "It is a header of the log.",
    r"Connect from \S+ to \S+ \(": "HAProxy says that a client connected.",
    r"\] \S+/\S+: (?:SSL|Connection|Timeout|Received)": "HAProxy says that a connection ended early.",
    r"^(?:-|https?://\S+) -> /": "WEBrick tells from which page a request came.",
    r"(?:Server|Proxy|backend) \S+ (?:is|has|started|stopped|failed)": "HAProxy tells of a server or proxy.",
    r"^tls [\d.]+ \S+ net/": "A network load balancer (AWS) tells of a TLS connection, and of no request.",
    r'"logger":"http\.log\.error': "Caddy tells of an error in a request.",
    r" dyno=.* service=": "Heroku's router tells of a request that other lines tell of too.",
    r" go\.version=.* http\.response\.status=": "A registry tells of a request that other lines tell of too.",
    r"(?:^|[ \t])(?:level|lvl|at|severity|logger)=\w+(?:[ \t]|$)": (
        "It is logfmt, and tells of no request: it lacks a status, or a method or a path."
    ),
    r"\[(?:error|warn|notice|crit|alert|emerg|info)\] \d+#\d+": "It belongs to the error log.",
}


def what_it_is() -> list[pl.Expr]:
    """Return an expression for each kind of `line`: its description, null if the line is not of that kind."""
    return [
        pl.when(pl.col("line").str.contains(pattern)).then(pl.lit(told))
        for pattern, told in NO_REQUESTS.items()
    ]


def what_is(line: str) -> str | None:
    """Return the description of a line, or None if its kind is unknown."""
    return next((told for pattern, told in NO_REQUESTS.items() if re.search(pattern, line)), None)
