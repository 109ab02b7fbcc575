"""Labels: what a wrapper tells of where a line was written, such as the pod or the host, kept in `extra`.

The instance that is bad is the cause of many incidents, and often no line of its log names it:

    [pod/shop-7d9f-x2x4v/app] 10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET / HTTP/1.1" 500 612

has `{"k8s.pod.name":"shop-7d9f-x2x4v","container.name":"app"}` in `extra`.
Source: OpenTelemetry's semantic conventions for resources; the documentation of Fluent Bit, Filebeat, Vector,
Loki, Google Cloud, Azure, CloudWatch and journald.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec
import polars as pl

from incident_kit.nested import Keys, leaves, value_at
from incident_kit.read.parsing.wrapper_table import LINE, Wrapper
from incident_kit.read.values.extra import json_object, members_of_extra
from incident_kit.schema import SERVED_BY

# The name in `extra` of each label, and the keys under which JSON around a line has it, the likeliest first.
NAMES: Mapping[str, str] = {
    **SERVED_BY,
    "service": "service.name",
    "stream": "log.stream",
    "file": "log.file.path",
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "pod": ("kubernetes.pod_name", "kubernetes.pod.name", "labels.pod", "resource.labels.pod_name",
            "k8s.pod.name", "pod_name", "podName", "PodName", "pod"),
    "container": ("kubernetes.container_name", "kubernetes.container.name", "container.name",
                  "container_name", "labels.container", "resource.labels.container_name", "CONTAINER_NAME",
                  "ContainerName"),
    "node": ("kubernetes.host", "kubernetes.node.name", "kubernetes.pod_node_name", "labels.node_name",
             "k8s.node.name", "Computer"),
    "host": ("host.name", "host.hostname", "hostname", "_HOSTNAME", "labels.host", "labels.hostname",
             "labels.instance", "agent.hostname", "resource.labels.instance_id", "host"),
    "service": ("service.name", "labels.service_name", "resource.labels.service_name", "ServiceName"),
    "instance": ("service.instance.id", "resource.labels.revision_name"),
    "zone": ("cloud.availability_zone", "resource.labels.zone", "resource.labels.location"),
    "region": ("cloud.region", "labels.region"),
    "stream": ("logStreamName", "@logStream", "logStream"),
    "file": ("log.file.path", "labels.filename"),
}  # fmt: skip
# Where the answers of Elasticsearch and Splunk keep the record.
HOLDERS = ("_source", "result")


def labelled(wrappers: Sequence[Wrapper], lines: pl.DataFrame) -> tuple[Wrapper, ...]:
    """Return the wrappers around these lines, outermost first, so that what they tell is kept."""
    found = list[Wrapper]()
    for wrapper in wrappers:
        labels = wrapper.labels or _in_json(lines["line"])
        found.append(replace(wrapper, kept={NAMES[label]: value for label, value in labels.items()}))
        lines = lines.with_columns(line=wrapper.inside.fill_null(LINE))
    return tuple(found)


def with_labels(requests: pl.DataFrame, labels: pl.DataFrame | None) -> pl.DataFrame:
    """Return requests with the labels of their lines in `extra`, but for those it has already.

    `labels` have a column for each label besides `line_number`.
    """
    if labels is None or "extra" not in requests.columns:
        return requests
    names = [name for name in labels.columns if name != "line_number"]
    joined = requests.join(labels, on="line_number", how="left", maintain_order="left")
    extra = pl.col("extra")
    new = {
        name: (
            pl.when(~extra.str.contains(f'"{name}":', literal=True).fill_null(value=False)).then(name),
            pl.String(),
        )
        for name in names
    }
    return joined.with_columns(extra=json_object(new, {}, [members_of_extra()])).drop(names)


def _in_json(lines: pl.Series) -> dict[str, pl.Expr]:
    """Return the labels that JSON around lines tells, each by the first of its keys that is there."""
    there = {path for line in lines for path, value in leaves(_decoded(line)) if isinstance(value, str)}
    return {
        label: value_at(path, "line")
        for label, keys in KEYS.items()
        if (path := next((path for path in _spelt(keys) if path in there), None))
    }


def _spelt(keys: Sequence[str]) -> Iterator[Keys]:
    """Yield the places where a key may be: in objects by its parts, or as a whole."""
    for key in keys:
        for path in (tuple(key.split(".")), (key,)):
            yield path
            yield from ((holder, *path) for holder in HOLDERS)


def _decoded(line: str) -> object:
    try:
        return msgspec.json.decode(line) if line.startswith("{") else None
    except (msgspec.DecodeError, RecursionError):
        return None
