"""Who asks for what: the mix of requests, the clients, and the way in."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
USER_AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/124.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) {WEBKIT} Version/17.4 Mobile/15E148",
    f"Mozilla/5.0 (Linux; Android 14; Pixel 8) {WEBKIT} Chrome/124.0.0.0 Mobile Safari/537.36",
    "ShopApp/4.11 (iOS 17.4)",
)
# The address blocks that RFC 5737 sets aside for documentation.
NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
PROBE_AGENT = "kube-probe/1.29"


@dataclass(frozen=True)
class Endpoint:
    """One kind of request: how often it is made, its target and its body."""

    method: str
    route: str
    weight: float
    target: Callable[[random.Random], str]
    body: Callable[[random.Random], dict[str, Any]] | None = None


@dataclass(frozen=True)
class Request:
    """One request to be sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: dict[str, Any] | None = None


ENDPOINTS = (
    Endpoint("GET", "/", 6, lambda _: "/"),
    Endpoint("GET", "/products", 12, lambda dice: f"/products?page={dice.randint(1, 25)}"),
    # One in a hundred asks for an item that is no longer there.
    Endpoint("GET", "/products/{id}", 39, lambda dice: f"/products/{dice.randint(1, 505)}"),
    Endpoint(
        "GET", "/search", 1.5, lambda dice: f"/search?q={dice.choice(('lamp', 'chair', 'blue+rug', 'desk'))}"
    ),
    Endpoint("GET", "/cart/{id}", 17, lambda dice: f"/cart/{dice.randint(1, 400)}"),
    Endpoint(
        "POST",
        "/cart/{id}/items",
        6,
        lambda dice: f"/cart/{dice.randint(1, 400)}/items",
        lambda dice: {"item": dice.randint(1, 500)},
    ),
    Endpoint("POST", "/checkout", 9, lambda _: "/checkout", lambda dice: {"cart": dice.randint(1, 400)}),
    Endpoint("GET", "/orders/{id}", 5, lambda dice: f"/orders/{dice.randint(1, 2000)}"),
    Endpoint(
        "GET", "/static/{file}", 4, lambda dice: f"/static/{dice.choice(('app.css', 'app.js', 'logo.svg'))}"
    ),
    Endpoint("GET", "(not found)", 0.5, lambda dice: dice.choice(("/favicon.ico", "/wp-login.php", "/.env"))),
)
MIX: dict[str, float] = {f"{endpoint.method} {endpoint.route}": endpoint.weight for endpoint in ENDPOINTS}


@dataclass
class Traffic:
    """What the clients do now; a fault may change it.

    `mix` has a weight for each of `ENDPOINTS`; `cut_off` is the share of requests whose way to nginx is
    closed.
    """

    dice: random.Random
    mix: dict[str, float] = field(default_factory=lambda: dict(MIX))
    cut_off: float = 0.0

    def next_request(self) -> Request:
        """One request by one of the clients."""
        endpoint = self.dice.choices(ENDPOINTS, [self.mix[f"{e.method} {e.route}"] for e in ENDPOINTS])[0]
        address = f"{self.dice.choice(NETWORKS)}.{self.dice.randint(1, 254)}"
        headers = {"User-Agent": self.dice.choice(USER_AGENTS), "X-Forwarded-For": address}
        body = endpoint.body(self.dice) if endpoint.body else None
        return Request(endpoint.method, endpoint.target(self.dice), headers, body)

    def gets_in(self) -> bool:
        """Whether the next request reaches nginx."""
        return self.dice.random() >= self.cut_off
