"""Structure of an X-Ray document: segments with nested subsegments, in each of the ways they are wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson


def flat_segments(document: Any) -> Iterator[Any]:
    """Yield the segments and subsegments of a document, each with what it inherits from the one around it.

    Inherited are the trace id, the parent id and the service's name.
    """
    for segment in _segments(document):
        is_alone = isinstance(segment, dict) and segment.get("type") == "subsegment"
        yield from _with_subsegments(segment, {"is_subsegment": is_alone})


def _with_subsegments(segment: Any, inherited: dict[str, Any]) -> Iterator[Any]:
    if not isinstance(segment, dict):
        yield segment
        return
    whole = inherited | segment
    subsegments = whole.pop("subsegments", None)
    if not whole["is_subsegment"]:
        whole["service_name"] = whole.get("name")
    yield whole
    below = {
        "trace_id": whole.get("trace_id"),
        "parent_id": whole.get("id"),
        "service_name": whole.get("service_name"),
        "is_subsegment": True,
    }
    for subsegment in subsegments if isinstance(subsegments, list) else []:
        yield from _with_subsegments(subsegment, below)


def _segments(document: Any) -> Iterator[Any]:
    """Yield the segments of a document, of a list, or of the API's wrapping, in which they may be text."""
    match document:
        case list():
            for each in document:
                yield from _segments(each)
        case {"Traces": traces}:
            for trace in traces:
                yield from _segments(trace)
        case {"Segments": held} | {"TraceSegmentDocuments": held} | {"Document": held}:
            yield from _segments(held)
        case str():
            yield _parsed(document)
        case {"format": "json"}:  # the header of a datagram, not a segment
            return
        case _:
            yield document


def _parsed(text: str) -> Any:
    try:
        return orjson.loads(text)
    except ValueError:  # decoding it as a segment will fail, and say why
        return text
