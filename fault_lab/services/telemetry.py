"""The OpenTelemetry SDK of one service process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from opentelemetry import propagate
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from fault_lab.services.config import ServiceConfig
from fault_lab.services.otlp_lines import OtlpLineExporter

# The SDK's default queue of 2,048 spans overflows, silently, within seconds of a busy incident.
QUEUE_SIZE = 200_000
EXPORT_EVERY_MS = 1_000
# nginx's $request_id: what it logs becomes the trace id, so that the log joins the spans.
REQUEST_ID = re.compile(r"[0-9a-f]{32}")
# Requests with this header are answered and not recorded: its last field says "do not sample".
UNSAMPLED = {"traceparent": "00-" + "1" * 32 + "-" + "1" * 16 + "-00"}
_edge_id: ContextVar[int | None] = ContextVar("edge_id", default=None)


class EdgeIdGenerator(RandomIdGenerator):
    """Trace ids are the request ids of the edge, where there is one."""

    def generate_trace_id(self) -> int:
        """Give the id of the request being served, or a random one."""
        return _edge_id.get() or super().generate_trace_id()


class EndedSpans(SpanProcessor):
    """Counts the sampled spans that ended, to be held against those exported."""

    def __init__(self) -> None:
        self.count = 0

    def on_end(self, span: ReadableSpan) -> None:
        """Count it if it is to be exported."""
        self.count += span.context.trace_flags.sampled


class Telemetry:
    """A tracer, and the proof that none of its spans was lost."""

    def __init__(self, config: ServiceConfig) -> None:
        self._path = Path(config.spans)
        self._exporter = OtlpLineExporter(self._path)
        self._ended = EndedSpans()
        resource = Resource(
            {
                "service.name": config.name,
                "service.version": config.version,
                "service.instance.id": config.instance,
                "host.name": f"{config.name}-host",
                "telemetry.sdk.language": "python",
            }
        )
        sampler = ParentBased(TraceIdRatioBased(config.sampling))
        self._provider = TracerProvider(
            resource=resource, sampler=sampler, id_generator=EdgeIdGenerator(), shutdown_on_exit=False
        )
        self._provider.add_span_processor(self._ended)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._exporter, max_queue_size=QUEUE_SIZE, schedule_delay_millis=EXPORT_EVERY_MS
            )
        )
        self.tracer: Tracer = self._provider.get_tracer("fault_lab")

    @contextmanager
    def server_span(self, name: str, headers: dict[str, str]) -> Iterator[Span]:
        """Open the span of a request being served: child of the caller's span, or the root at the edge."""
        edge = headers.get("x-request-id", "")
        token = _edge_id.set(int(edge, 16) if REQUEST_ID.fullmatch(edge) else None)
        try:
            with self.tracer.start_as_current_span(
                name, context=propagate.extract(headers), kind=SpanKind.SERVER
            ) as span:
                yield span
        finally:
            _edge_id.reset(token)

    def close(self) -> None:
        """Export what is left, and write down how many spans ended and how many were exported."""
        self._provider.shutdown()
        counts = {"ended": self._ended.count, "exported": self._exporter.exported}
        self._path.with_suffix(".counts.json").write_text(json.dumps(counts))


def mark_failed(span: Span, reason: str) -> None:
    """Mark an error as the semantic conventions want it."""
    span.set_attribute("error.type", reason)
    span.set_status(Status(StatusCode.ERROR))
