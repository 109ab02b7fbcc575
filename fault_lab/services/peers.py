"""Calls from one service to another, each with its client span."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from opentelemetry import propagate
from opentelemetry.trace import Span, SpanKind

from fault_lab.ports import LOOPBACK
from fault_lab.services.telemetry import Telemetry, mark_failed

CALL_TIMEOUT_S = 5.0


class PeerError(Exception):
    """A called service answered 5xx, or did not answer; `timed_out` tells a 504 from a 502."""

    def __init__(self, peer: str, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(f"{peer}: {reason}")
        self.timed_out = timed_out


class NotFoundError(Exception):
    """A called service answered 404."""


class LabResolver(AbstractResolver):
    """Every service's name stands for the loopback address."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        """One address, always the same."""
        return [ResolveResult(hostname=host, host=LOOPBACK, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


@dataclass(frozen=True)
class Call:
    """One request to a peer."""

    peer: str
    port: int
    method: str
    template: str
    path: str
    body: Any

    def attributes(self) -> dict[str, str | int]:
        """Describe the call as the semantic conventions want a client span."""
        return {
            "http.request.method": self.method,
            "url.template": self.template,
            "server.address": self.peer,
            "server.port": self.port,
            "service.peer.name": self.peer,
        }


class Peers:
    """The other services, by name."""

    def __init__(self, telemetry: Telemetry, ports: dict[str, int], retries: int) -> None:
        self._tracer = telemetry.tracer
        self._ports, self._retries = ports, retries
        # A connection a call: none is left over from an instance that a deploy has replaced.
        connector = aiohttp.TCPConnector(resolver=LabResolver(), force_close=True, limit=0)
        timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)

    async def close(self) -> None:
        """Close what is still open."""
        await self._session.close()

    async def call(self, peer: str, method: str, template: str, body: Any = None, **ids: Any) -> Any:
        """Give the JSON that the peer answers; what fails is tried again at once, as often as configured.

        Raises
        ------
        PeerError
            The last attempt failed.
        NotFoundError
            The peer does not have it.
        """
        call = Call(peer, self._ports[peer], method, template, template.format(**ids), body)
        for resent in range(self._retries):
            with contextlib.suppress(PeerError):
                return await self._attempt(call, resent)
        return await self._attempt(call, self._retries)

    async def _attempt(self, call: Call, resent: int) -> Any:
        attributes = {**call.attributes(), **({"http.request.resend_count": resent} if resent else {})}
        with self._tracer.start_as_current_span(
            f"{call.method} {call.template}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                return await self._exchange(span, call)
            except (TimeoutError, aiohttp.ClientError) as error:
                reason = type(error).__name__
                mark_failed(span, reason)
                raise PeerError(call.peer, reason, timed_out=isinstance(error, TimeoutError)) from error

    async def _exchange(self, span: Span, call: Call) -> Any:
        headers: dict[str, str] = {}
        propagate.inject(headers)
        url = f"http://{call.peer}:{call.port}{call.path}"
        async with self._session.request(call.method, url, json=call.body, headers=headers) as answer:
            span.set_attribute("http.response.status_code", answer.status)
            if answer.status >= 400:
                mark_failed(span, str(answer.status))
            if answer.status == 404:
                raise NotFoundError
            if answer.status >= 500:
                raise PeerError(call.peer, f"answered {answer.status}")
            return await answer.json()
