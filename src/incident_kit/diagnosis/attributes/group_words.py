"""Put a group of requests in words: those with one value of an attribute, or with a pair of values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incident_kit.diagnosis.attributes.columns import PAIR_SEPARATOR
from incident_kit.wording import share_with_interval, shorten

MANY, GROUP = "requests ", "Requests "
"""The beginning of a group that is no endpoint, within a sentence and as one."""

PHRASES: Mapping[str, str] = {
    "endpoint": "{}",
    "method": "by {}",
    "path_prefix": "below {}",
    "path": "at {}",
    "status": "with status {}",
    "host": "to host {}",
    "upstream": "on upstream {}",
    "client_network": "from {}",
    "user_agent_family": "by {} clients",
    "http_version": "over HTTP/{}",
    "file": "in {}",
    "k8s.pod.name": "on pod {}",
    "container.name": "in container {}",
    "service.instance.id": "on instance {}",
    "host.name": "on host {}",
    "k8s.node.name": "on node {}",
    **dict.fromkeys(("kubernetes.pod_name", "kubernetes.pod.name", "pod_name", "pod"), "on pod {}"),
    **dict.fromkeys(("kubernetes.host", "kubernetes.node.name"), "on node {}"),
    "hostname": "on host {}",
    "cloud.availability_zone": "in zone {}",
    "cloud.region": "in region {}",
    "service.name": "of service {}",
    "log.stream": "in stream {}",
    "log.file.path": "in {}",
}


def group_in_words(row: Mapping[str, Any]) -> str:
    """Return a row's group as `POST /checkout on upstream 10.0.0.7`, or `requests from 10.0.0.0/24`."""
    names = row["attribute"].split(PAIR_SEPARATOR)
    values = row["value"].rsplit(PAIR_SEPARATOR, len(names) - 1)  # one value alone may hold the separator
    phrases = [_phrase(name, shorten(one)) for name, one in zip(names, values, strict=True)]
    return "".join(["" if names[0] == "endpoint" else MANY, " ".join(phrases)])


def explains(row: Mapping[str, Any], extra: str) -> str:
    """Say which share of the `extra` requests a row's group explains, as the beginning of a sentence."""
    group = group_in_words(row)
    says = f"{GROUP}{group.removeprefix(MANY)} explain" if group.startswith(MANY) else f"{group} explains"
    return f"{says} {share_in_words(row)} of the {extra}"


def share_in_words(row: Mapping[str, Any]) -> str:
    """Return a row's share with its interval, as `93 % (90-95)`."""
    return share_with_interval(row["share"], row["low"], row["high"])


def _phrase(name: str, value: str) -> str:
    if name.startswith("?"):
        return f"with {name}={value}"
    return PHRASES[name].format(value) if name in PHRASES else f"with {name} {value}"
