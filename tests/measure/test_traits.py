"""Addresses belong to networks, user agents to families."""

from __future__ import annotations

import polars as pl
import pytest

from incident_kit.measure.requests.traits import client_network, user_agent_family


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("198.51.100.255", "198.51.100.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("2001:DB8:1:2:3:4:5:6", "2001:DB8:1::/48"),
        ("::1", "::1"),
        ("host7.example", "host7.example"),
        ("host7", "host7"),
        (None, None),
    ],
)
def test_a_client_belongs_to_a_network(address: str | None, network: str | None) -> None:
    frame = pl.DataFrame({"client_ip": [address]}, schema={"client_ip": pl.String})
    assert frame.select(client_network()).item() == network


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "family"),
    [
        (CHROME, "Chrome"),
        (f"{CHROME} Edg/120.0", "Edge"),
        (f"{CHROME} OPR/105.0", "Opera"),
        (f"{CHROME} SamsungBrowser/23.0", "Samsung Internet"),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1 (KHTML, like Gecko) Version/17.0 Safari/604.1", "Safari"),
        ("Mozilla/5.0 (X11; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox"),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.31", "python-requests"),
        ("okhttp", "okhttp"),
        (None, None),
    ],
)
def test_a_user_agent_belongs_to_a_family(agent: str | None, family: str | None) -> None:
    frame = pl.DataFrame({"user_agent": [agent]}, schema={"user_agent": pl.String})
    assert frame.select(user_agent_family()).item() == family
