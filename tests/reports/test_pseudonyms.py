"""People keep one other name, which leads nowhere and cannot be guessed."""

from __future__ import annotations

import ipaddress

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.requests.traits import client_network
from incident_kit.reports.inputs.pseudonyms import Pseudonyms

NAMES = Pseudonyms.keyed_by(b"a log", b"a trace")


def test_the_same_client_stays_the_same_and_its_network_one_network() -> None:
    addresses = ("198.51.100.7", "198.51.100.9", "203.0.113.7")
    frame = pl.DataFrame({"client_ip": [NAMES.client(address) for address in addresses]})
    assert NAMES.client("198.51.100.7") == frame["client_ip"][0]
    assert frame["client_ip"].n_unique() == 3
    mine, neighbour, stranger = frame.select(client_network()).to_series()
    assert mine == neighbour != stranger


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::7", "unix:"])
def test_a_client_becomes_an_address_that_leads_nowhere(address: str) -> None:
    assert ipaddress.ip_address(NAMES.client(address)) in ipaddress.ip_network("fd00::/8")


def test_another_log_gives_other_names() -> None:
    assert Pseudonyms.keyed_by(b"another log").client("198.51.100.7") != NAMES.client("198.51.100.7")


@pytest.mark.parametrize(
    "address", ["198.51.100.7", "2001:db8::7", "2001:db8:77::5", "2001:db8:1:2:3:4:5:6", "fe80::1"]
)
def test_an_address_within_a_text_is_renamed_like_its_client(address: str) -> None:
    assert NAMES.clients_in(f"/x?ip={address}&a=1") == f"/x?ip={NAMES.client(address)}&a=1"


@pytest.mark.parametrize(
    "text", ["::ffff:{}", "{}:51234, 10.0.0.5:8080", "closed by {}.", "client:{}", "[{}]", "{}/32"]
)
def test_an_address_is_found_however_it_is_written(text: str) -> None:
    """As a dual-stack socket, Azure's gateway (with the client's port), a sentence and a pair write it."""
    renamed = text.removeprefix("::ffff:").format(NAMES.client("203.0.113.9"))
    assert NAMES.clients_in(text.format("203.0.113.9")) == renamed


def test_one_client_has_one_name_whether_a_socket_takes_both_versions_or_not() -> None:
    assert NAMES.client("::ffff:203.0.113.9") == NAMES.client("203.0.113.9")


@pytest.mark.parametrize(
    "text", ["/at/12:30:45", "v1.2.3", "/assets/app.1.2.3.4.5.js", "a::b", "10:20", "10.0.0.5:80"]
)
def test_what_is_no_address_stays(text: str) -> None:
    assert NAMES.clients_in(text) == text


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){2,4}\n?", fullmatch=True))
def test_an_address_belongs_to_the_network_that_the_library_says(address: str) -> None:
    try:
        network = str(ipaddress.ip_network(f"{ipaddress.ip_address(address)}/24", strict=False))
    except ValueError:
        network = address
    site = NAMES.network(network).removesuffix("/48")
    assert NAMES.client(address).startswith(site)
