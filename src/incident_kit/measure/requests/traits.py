"""Derive traits of a request's client from one field: its network, its user agent's family."""

from __future__ import annotations

from types import MappingProxyType

import polars as pl

_BROWSERS = MappingProxyType(
    # The first match wins, because each browser also claims to be those below it.
    {
        "Edge": r"Edg(?:e|A|iOS)?/",
        "Opera": r"OPR/|Opera",
        "Samsung Internet": r"SamsungBrowser/",
        "Firefox": r"Firefox/|FxiOS/",
        "Chrome": r"Chrome/|CriOS/|Chromium/",
        "Safari": r"Safari/",
    }
)
_BOT = r"(?i)([a-z0-9_.-]*(?:bot|spider|crawler|slurp)[a-z0-9_-]*)"


def client_network() -> pl.Expr:
    """Return the expression on REQUESTS for the client's /24 (IPv4) or /48 (IPv6), or its host name."""
    return (
        pl.col("client_ip")
        .map_batches(_networks, return_dtype=pl.String, is_elementwise=True)
        .alias("client_network")
    )


def _networks(addresses: pl.Series) -> pl.Series:
    # There may be as many addresses as requests, so the usual case (IPv4) comes first and uses no regular
    # expression.
    network = addresses.str.strip_chars_end("0123456789")
    others = (~network.str.ends_with(".")).fill_null(value=False)
    four = network + "0/24"
    if not others.any():
        return four
    rest = addresses.filter(others)
    six = rest.str.extract(r"^((?:[0-9A-Fa-f]+:){3})") + ":/48"
    return four.scatter(others.arg_true(), six.fill_null(rest))


def user_agent_family() -> pl.Expr:
    """Return the expression on REQUESTS for the browser, the bot, or the first product in the user agent."""
    agent = pl.col("user_agent")
    browsers = [
        pl.when(agent.str.starts_with("Mozilla/") & agent.str.contains(pattern)).then(pl.lit(name))
        for name, pattern in _BROWSERS.items()
    ]
    return pl.coalesce(agent.str.extract(_BOT), *browsers, agent.str.extract(r"^([^/\s]+)")).alias(
        "user_agent_family"
    )
