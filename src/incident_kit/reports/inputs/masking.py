"""Whole frames and rollups masked: what is secret in a column of text goes, and people get other names."""

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

MOST_REMEMBERED = 1 << 16
"""Values of attributes kept masked: some megabytes, and most spans say what another has said."""

# What clients wrote, where addresses are theirs; and what servers are called, whose addresses explain.
_WRITTEN = ("target", "path", "query", "referer", "user_agent", "raw", "extra")
_NAMED = ("route", "name", "peer")
_FORWARDED = re.compile(r"(?i)forwarded|real[_\-]ip|client[_\-]ip|connecting[_\-]ip")
"""Attributes that hold addresses of clients, one or many."""


@dataclass(frozen=True)
class Mask:
    """What masks a text; if patterns are given, only texts that match one of them are changed by it."""

    change: Callable[[str], str]
    only_where: tuple[re.Pattern[str], ...] = ()

    def of(self, column: pl.Series) -> pl.Series:
        """Mask a column of text."""
        distinct = column.unique().drop_nulls()
        changed = suspects(distinct, self.only_where) if self.only_where else distinct
        return column.replace(changed, pl.Series([self.change(value) for value in changed], dtype=pl.String))


_SECRETS = Mask(mask_secrets, tuple(secret.pattern for secret in SECRETS))
_ROUTES: Mapping[str, Mask] = {"route": _SECRETS}
_PERSON_ATTRIBUTES = {
    "client.address": "client",
    "net.peer.ip": "client",
    "net.sock.peer.addr": "client",
    "network.peer.address": "client",
    "http.client_ip": "client",
    "source.address": "client",
    "enduser.id": "user",
    "user.id": "user",
    "user.name": "user",
    "user.full_name": "user",
    "user.email": "user",
}


def mask_frame(frame: pl.DataFrame, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Mask a frame of requests, rejected lines or spans: secrets go, clients and users are renamed.

    Works on distinct values, so a log costs what its clients cost, and those URLs that hold something.
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
    """Mask a rollup as the requests would have been masked that it was made from."""
    is_network = pl.col("attribute") == "client_network"
    is_one = is_network & pl.col("value").ne_missing(OTHER)  # the rest together is no network to rename
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
    return merge([masked])  # which adds up what became alike


def _written(pseudonyms: Pseudonyms) -> Mask:
    return Mask(lambda text: mask_secrets(pseudonyms.clients_in(text)), (ADDRESS, *_SECRETS.only_where))


def _with_masks(frame: pl.DataFrame, masks: Mapping[str, Mask]) -> pl.DataFrame:
    return frame.with_columns(mask.of(frame[name]) for name, mask in masks.items() if name in frame.columns)


def _attribute_mask(pseudonyms: Pseudonyms) -> Callable[[str], str]:
    """Return how to mask attributes: each text apart, and remembered, for few of them are distinct."""

    @lru_cache(MOST_REMEMBERED)
    def mask(key: str, value: str) -> str:
        if key in _PERSON_ATTRIBUTES:
            rename: str = getattr(pseudonyms, _PERSON_ATTRIBUTES[key])(value)
            return rename
        if _FORWARDED.search(key):
            return pseudonyms.clients_in(value)
        return MASK if names_a_secret(key) else mask_secrets(value)

    def masked(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: masked(name, part) for name, part in value.items()}
        if isinstance(value, list):
            return [masked(key, part) for part in value]
        return mask(key, str(value)) if isinstance(value, str) or key in _PERSON_ATTRIBUTES else value

    def mask_all(text: str) -> str:
        try:
            return orjson.dumps(masked("", orjson.loads(text))).decode()
        except ValueError:
            return mask_secrets(text)

    return mask_all
