"""Other names for people: clients and users.

The same person keeps the same name, a network stays one network, and without the key nobody can test a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{0,4}"
    r"|(?:[0-9a-fA-F]{1,4}:){2,6}(?::[0-9a-fA-F]{1,4}){1,6})(?![\w.:])"
)
"""An address of either kind, within a text."""

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")

NETWORKS_REMEMBERED = 1 << 16
"""Some megabytes; a log's clients come from fewer networks than that, and back to them."""


@dataclass(frozen=True)
class Pseudonyms:
    """Other names for people, the same for the same person under the same key.

    With a key that is not published (`keyed_by` takes it from the data themselves) a reader of the report
    cannot test whether an address is in it, which a plain hash of 2^32 addresses would allow.
    """

    key: bytes

    @classmethod
    def keyed_by(cls, *parts: bytes) -> Pseudonyms:
        """Derive the key from what only the holder of the data has, so that two runs agree.

        A digest that is published anywhere (the SHA-256 of an input) must not be among it.
        """
        return cls(hashlib.sha256(b"\0".join(parts)).digest())

    def _digest(self, text: str, length: int) -> str:
        return _digest(self.key, text)[:length]

    def client(self, address: str) -> str:
        """Rename a client address to one of IPv6's private range (fd00::/8), which leads nowhere.

        So whatever groups addresses by network still does: a network (IPv4 /24, IPv6 /48) becomes one /48.
        """
        machine = self._digest(f"host {address}", 8)
        return f"{_site(self.key, _network(address))}::{machine[:4]}:{machine[4:]}"

    def clients_in(self, text: str) -> str:
        """Rename every address that stands in a text: those of a log are of clients more often than not."""
        return ADDRESS.sub(lambda found: self.client(found[0]), text)

    def network(self, name: str) -> str:
        """Rename a network (IPv4 /24, IPv6 /48) to the one that its clients get; a host name likewise."""
        return f"{_site(self.key, name)}::/48"

    def user(self, name: str) -> str:
        """Rename a user."""
        return f"user-{self._digest(name, 8)}"


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()


@lru_cache(NETWORKS_REMEMBERED)
def _site(key: bytes, network: str) -> str:
    site = _digest(key, f"network {network}")[:10]
    return f"fd{site[:2]}:{site[2:6]}:{site[6:]}"


def _network(address: str) -> str:
    """Return the network of an address, or what is none as it is."""
    # There may be as many clients as requests, and most are told so in a tenth of the time.
    if _IPV4.fullmatch(address):
        return f"{address.rpartition('.')[0]}.0/24"
    try:
        host = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{host}/{24 if host.version == 4 else 48}", strict=False))
