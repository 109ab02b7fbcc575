"""Replace the names of people, clients and users, by pseudonyms.

A person keeps one pseudonym and a network stays one network. Without the key nobody can test a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

_PART = r"[0-9a-fA-F]{1,4}"
ADDRESS = re.compile(
    # Version 4. With a port below those that systems give to clients it is a server, which explains.
    r"(?<![\w.])(?:(?<!:)::(?:[fF]{4}:)?)?\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\w|:[12]?\d{1,4}(?!\d))"
    rf"|(?<![\w.:])(?:(?:{_PART}:){{3,7}}(?:{_PART})?"
    # What is as short as `a::b` is an address where it holds a digit.
    rf"|(?=[a-fA-F:]*\d)(?:{_PART}:){{1,6}}(?:(?::{_PART}){{1,6}}|:))(?![\w:]|\.\w)"
)
"""An IPv4 or IPv6 address within a text."""

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")

NETWORKS_REMEMBERED = 1 << 16
"""Takes some megabytes; the clients of a log come from fewer networks, over and over."""


@dataclass(frozen=True)
class Pseudonyms:
    """Pseudonyms under one key: the same person always gets the same one.

    The key is not published (`keyed_by` derives it from the data), so a reader of the report cannot test
    whether it contains a given address. With a plain hash anyone could try all 2^32 addresses.
    """

    key: bytes

    @classmethod
    def keyed_by(cls, *parts: bytes) -> Pseudonyms:
        """Derive the key from values that only the holder of the data has, so that two runs agree.

        They must not include a digest that is published, such as the SHA-256 of an input.
        """
        return cls(hashlib.sha256(b"\0".join(parts)).digest())

    def _digest(self, text: str, length: int) -> str:
        return _digest(self.key, text)[:length]

    def client(self, address: str) -> str:
        """Replace a client address by one of IPv6's private range (fd00::/8), which routes nowhere.

        Grouping by network still works: each network (IPv4 /24, IPv6 /48) becomes one /48.
        """
        address = address.removeprefix("::ffff:")  # an address of version 4, written in version 6
        machine = self._digest(f"host {address}", 8)
        return f"{_site(self.key, _network(address))}::{machine[:4]}:{machine[4:]}"

    def clients_in(self, text: str) -> str:
        """Replace every address inside a text; in a log most of them belong to clients."""
        return ADDRESS.sub(lambda found: self.client(found[0]), text)

    def network(self, name: str) -> str:
        """Replace a network (IPv4 /24, IPv6 /48) by that of its clients' pseudonyms; also a host name."""
        return f"{_site(self.key, name)}::/48"

    def user(self, name: str) -> str:
        """Replace a user name."""
        return f"user-{self._digest(name, 8)}"


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


@lru_cache(NETWORKS_REMEMBERED)
def _site(key: bytes, network: str) -> str:
    site = _digest(key, f"network {network}")[:10]
    return f"fd{site[:2]}:{site[2:6]}:{site[6:]}"


def _network(address: str) -> str:
    """Return the network of an address; a text that is no address is returned unchanged."""
    # A log may have as many clients as requests; for most of them this takes a tenth of the time.
    if _IPV4.fullmatch(address):
        return f"{address.rpartition('.')[0]}.0/24"
    try:
        host = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{host}/{24 if host.version == 4 else 48}", strict=False))
