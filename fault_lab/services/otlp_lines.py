"""Spans as the OpenTelemetry collector's file exporter writes them: one TracesData in JSON a line."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

ID_FIELDS = ("traceId", "spanId", "parentSpanId")


def to_line(spans: Sequence[ReadableSpan]) -> str:
    """Write a batch as one line, without the line feed.

    Protobuf's own JSON has ids in base64 and enums as names; OTLP/JSON has hexadecimal ids and numbers.
    64-bit integers are strings in both.
    """
    document = MessageToDict(encode_spans(spans), use_integers_for_enums=True)
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            scope["spans"] = [_with_hex_ids(span) for span in scope["spans"]]
    return json.dumps(document, separators=(",", ":"))


def _with_hex_ids(span: dict[str, Any]) -> dict[str, Any]:
    return {
        field: base64.b64decode(value).hex() if field in ID_FIELDS else value for field, value in span.items()
    }


class OtlpLineExporter(SpanExporter):
    """Append each batch to a file, and count the spans."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self.exported = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write one line."""
        with self._lock:
            self._file.write(to_line(spans) + "\n")
            self.exported += len(spans)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self._file.close()
