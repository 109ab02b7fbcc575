"""Calls from one service to another, each with its client span."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from opentelemetry import propagate
from opentelemetry.trace import Span, SpanKind

from fault_lab.ports import LOOPBACK
from fault_lab.services.telemetry import Telemetry, mark_failed

CALL_TIMEOUT_S = 5.0


class PeerFailed(Exception):
    """A called service answered 5xx, or did not answer; `timed_out` tells a 504 from a 502."""

    def __init__(self, peer: str, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(f"{peer}: {reason}")
        self.timed_out = timed_out


class NotThere(Exception):
    """A called service answered 404."""


class LabResolver(AbstractResolver):
    """Every service's name stands for the loopback address."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        """One address, always the same."""
        return [
            ResolveResult(hostname=host, host=LOOPBACK, port=port, family=family, proto=0, flags=0)
        ]

    async def close(self) -> None:
        """Nothing to close."""


class Peers:
    """The other services, by name."""

    def __init__(self, telemetry: Telemetry, ports: dict[str, int], retries: int) -> None:
        self._tracer = telemetry.tracer
        self._ports, self._attempts = ports, 1 + retries
        # A connection a call: none is left over from an instance that a deploy has replaced.
        connector = aiohttp.TCPConnector(resolver=LabResolver(), force_close=True, limit=0)
        timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)

    async def close(self) -> None:
        """Close what is still open."""
        await self._session.close()

    async def call(self, peer: str, method: str, template: str, body: Any = None, **ids: Any) -> Any:
        """The JSON that the peer answers; a failure is tried again at once, as often as configured.

        Raises
        ------
        PeerFailed
            The last attempt failed.
        NotThere
            The peer does not have it.
        """
        for attempt in range(self._attempts):
            try:
                return await self._attempt(peer, method, template, body, ids, attempt)
            except PeerFailed:
                if attempt + 1 == self._attempts:
                    raise
        raise AssertionError("a call has at least one attempt")

    async def _attempt(
        self, peer: str, method: str, template: str, body: Any, ids: dict[str, Any], attempt: int
    ) -> Any:
        attributes = {
            "http.request.method": method,
            "url.template": template,
            "server.address": peer,
            "server.port": self._ports[peer],
            "service.peer.name": peer,
        }
        if attempt:
            attributes["http.request.resend_count"] = attempt
        url = f"http://{peer}:{self._ports[peer]}{template.format(**ids)}"
        with self._tracer.start_as_current_span(
            f"{method} {template}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                return await self._exchange(span, peer, method, url, body)
            except (aiohttp.ClientConnectionError, asyncio.TimeoutError) as error:
                reason = type(error).__name__
                mark_failed(span, reason)
                raise PeerFailed(peer, reason, timed_out=isinstance(error, asyncio.TimeoutError)) from error

    async def _exchange(self, span: Span, peer: str, method: str, url: str, body: Any) -> Any:
        headers: dict[str, str] = {}
        propagate.inject(headers)
        async with self._session.request(method, url, json=body, headers=headers) as answer:
            span.set_attribute("http.response.status_code", answer.status)
            if answer.status >= 400:
                mark_failed(span, str(answer.status))
            if answer.status == 404:
                raise NotThere
            if answer.status >= 500:
                raise PeerFailed(peer, f"answered {answer.status}")
            return await answer.json()
