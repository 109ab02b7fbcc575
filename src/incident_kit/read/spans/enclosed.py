"""Documents inside others: in an answer of Elasticsearch, or behind other text on their line."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Raw, Struct, field

from incident_kit.read.spans.documents import values_on_one_line

NOTHING = Raw()


class _Hit(Struct, gc=False):
    source: Raw = field(default=NOTHING, name="_source")


class _Hits(Struct, gc=False):
    hits: list[_Hit] = []


class _Answer(_Hit, gc=False):
    """An answer of Elasticsearch, one hit of it, or the answer to several searches."""

    hits: _Hits | None = None
    responses: list[_Answer] = []


_ANSWER_DECODER = msgspec.json.Decoder(_Answer)


def enclosed(document: bytes) -> list[bytes]:
    """Return the documents inside a document that is of no dialect itself; at most itself if there are none.

    Documents may also follow one another on a line, as some writers put no line break between them.
    """
    if text := document.partition(b"{")[0].strip().rstrip(b"["):
        return [document.strip()[len(text) :]]
    try:
        return [bytes(source) for source in _sources(_ANSWER_DECODER.decode(document))]
    except (msgspec.MsgspecError, RecursionError):
        return values_on_one_line(document)


def _sources(answer: _Answer) -> Iterator[Raw]:
    for each in (answer, *(answer.hits.hits if answer.hits else ())):
        if each.source:
            yield each.source
    for response in answer.responses:
        yield from _sources(response)
