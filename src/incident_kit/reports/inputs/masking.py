"""Mask whole frames and rollups: secrets are removed from text columns, and people get pseudonyms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import orjson
import polars as pl

from incident_kit.measure.rollups.merging import merge
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.measure.rollups.tables import OTHER
from incident_kit.reports.inputs.pseudonyms import ADDRESS, Pseudonyms
from incident_kit.reports.inputs.suspects import suspects
from incident_kit.sensitive import MASK, SECRETS, mask_secrets, names_a_secret

MAX_REMEMBERED = 1 << 16
"""Masked attribute values kept in a cache: some megabytes, and most spans repeat values."""

# Columns written by clients, whose addresses are masked, and names of servers, whose addresses are evidence.
_WRITTEN = ("target", "path", "query", "referer", "user_agent", "raw", "extra")
_NAMED = ("route", "name", "peer", "host")
_FORWARDED = re.compile(r"(?i)forwarded|real[_\-]ip|client[_\-]ip|connecting[_\-]ip")
"""Attributes that hold one or several client addresses."""


@dataclass(frozen=True)
class Mask:
    """A function that masks a text; with patterns, a text that matches none of them stays unchanged."""

    change: Callable[[str], str]
    only_where: tuple[re.Pattern[str], ...] = ()

    def of(self, column: pl.Series) -> pl.Series:
        """Return a text column masked."""
        distinct = column.unique().drop_nulls()
        changed = suspects(distinct, self.only_where) if self.only_where else distinct
        return column.replace(changed, pl.Series([self.change(value) for value in changed], dtype=pl.String))


_SECRETS = Mask(mask_secrets, tuple(secret.pattern for secret in SECRETS))
_ROUTES: Mapping[str, Mask] = {"route": _SECRETS}
_CLIENT_ATTRIBUTES = frozenset({
    "client.address", "net.peer.ip", "net.sock.peer.addr", "network.peer.address", "http.client_ip",
    "source.address",
})  # fmt: skip
_USER_ATTRIBUTES = frozenset({"enduser.id", "user.id", "user.name", "user.full_name", "user.email"})
_PERSON_ATTRIBUTES = _CLIENT_ATTRIBUTES | _USER_ATTRIBUTES


def mask_frame(frame: pl.DataFrame, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Mask a frame of requests, rejected lines or spans: remove secrets, rename clients and users.

    Works on distinct values, so the cost depends on the number of clients and of URLs with parameters, not of
    rows.
    """
    masks = {
        **dict.fromkeys(_NAMED, _SECRETS),
        **dict.fromkeys(_WRITTEN, _written(pseudonyms)),
        "client_ip": Mask(pseudonyms.client),
        "user": Mask(pseudonyms.user),
        "attributes": Mask(_attribute_mask(pseudonyms)),
    }
    return _with_masks(frame, masks)


def mask_rollup(rollup: Rollup, pseudonyms: Pseudonyms) -> Rollup:
    """Mask a rollup so that it equals the rollup of the masked requests."""
    is_network = pl.col("attribute") == "client_network"
    is_one = is_network & pl.col("value").ne_missing(OTHER)  # OTHER is a sum, not a network
    networks = _with_masks(rollup.attributes.filter(is_one), {"value": Mask(pseudonyms.network)})
    others = _with_masks(rollup.attributes.filter(~is_one), {"value": _SECRETS})
    masked = replace(
        rollup,
        counts=_with_masks(rollup.counts, _ROUTES),
        latency=_with_masks(rollup.latency, _ROUTES),
        upstreams=_with_masks(rollup.upstreams, _ROUTES),
        exemplars=_with_masks(rollup.exemplars, _ROUTES),
        attributes=pl.concat([networks, others]),
    )
    return merge([masked])  # adds up rows that masking made equal


def _written(pseudonyms: Pseudonyms) -> Mask:
    return Mask(lambda text: mask_secrets(pseudonyms.clients_in(text)), (ADDRESS, *_SECRETS.only_where))


def _with_masks(frame: pl.DataFrame, masks: Mapping[str, Mask]) -> pl.DataFrame:
    return frame.with_columns(mask.of(frame[name]) for name, mask in masks.items() if name in frame.columns)


def _attribute_mask(pseudonyms: Pseudonyms) -> Callable[[str], str]:
    """Return the mask of span attributes, which masks each distinct text once, since few are distinct."""

    @lru_cache(MAX_REMEMBERED)
    def mask(key: str, value: str) -> str:
        return _masked_text(pseudonyms, key, value)

    def masked(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: masked(name, part) for name, part in value.items()}
        if isinstance(value, list):
            return [masked(key, part) for part in value]
        if isinstance(value, int | float) and names_a_secret(key, number=True):
            return MASK
        if isinstance(value, str) or key in _PERSON_ATTRIBUTES:
            return mask(key, str(value))
        return value

    def mask_all(text: str) -> str:
        try:
            return orjson.dumps(masked("", orjson.loads(text))).decode()
        except ValueError:
            return mask_secrets(text)

    return mask_all


def _masked_text(pseudonyms: Pseudonyms, key: str, value: str) -> str:
    """Return a text that an attribute holds, masked by what the attribute's name says it is."""
    if key in _CLIENT_ATTRIBUTES:
        return pseudonyms.client(value)
    if key in _USER_ATTRIBUTES:
        return pseudonyms.user(value)
    if _FORWARDED.search(key):
        return pseudonyms.clients_in(value)
    return MASK if names_a_secret(key) else mask_secrets(value)
