"""What every service has: its routes, its peers, its database, its spans, and one way to serve."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from opentelemetry.trace import Span
from psycopg_pool import PoolTimeout

from fault_lab.ports import LOOPBACK
from fault_lab.services.config import ServiceConfig
from fault_lab.services.database import Database
from fault_lab.services.peers import NotFoundError, PeerError, Peers
from fault_lab.services.telemetry import Telemetry, mark_failed
from fault_lab.services.work import Work

HEALTH = "/healthz"
# Requests under way when a process is told to end are answered first.
DRAIN_S = 8.0
# Longer than nginx keeps its connections (60 s), so that it is never nginx that writes to a closed one.
KEEPALIVE_S = 120.0


class Service:
    """What a handler may use."""

    def __init__(self, config: ServiceConfig, connections: int) -> None:
        self.config = config
        self.work = Work(config.seed)
        self.telemetry = Telemetry(config)
        self.peers = Peers(self.telemetry, config.peers, config.retries)
        self.database = Database(self.telemetry, config.database_port, config.name, connections)


Handler = Callable[[Service, web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class ServiceKind:
    """A service: what it answers, and how many database connections it keeps (0: it has no database)."""

    routes: dict[tuple[str, str], Handler]
    connections: int = 0


# What the exceptions of a handler mean to the one who asked.
STATUS_OF = {NotFoundError: 404, PoolTimeout: 503}


def traced(
    service: Service, route: str, handler: Handler
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Put a handler into its server span."""

    async def serve(request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        with service.telemetry.server_span(f"{request.method} {route}", headers) as span:
            span.set_attribute("http.request.method", request.method)
            span.set_attribute("http.route", route)
            span.set_attribute("url.path", request.path)
            answer = await _answer(service, route, handler, request, span)
            span.set_attribute("http.response.status_code", answer.status)
            if answer.status >= 500:
                mark_failed(span, str(answer.status))
            return answer

    return serve


async def _answer(
    service: Service, route: str, handler: Handler, request: web.Request, span: Span
) -> web.StreamResponse:
    try:
        await misbehave(service, route)
        return await handler(service, request)
    except web.HTTPException as refusal:
        return web.json_response({"error": refusal.reason}, status=refusal.status)
    except PeerError as failure:
        return web.json_response({"error": str(failure)}, status=504 if failure.timed_out else 502)
    except Exception as error:  # noqa: BLE001 - whatever it was, the caller gets an answer and the span has it
        if not isinstance(error, NotFoundError):
            # Without the stack trace, which would carry the paths of the recording machine.
            span.add_event(
                "exception", {"exception.type": type(error).__name__, "exception.message": str(error)}
            )
        return web.json_response({"error": type(error).__name__}, status=STATUS_OF.get(type(error), 500))


async def misbehave(service: Service, route: str) -> None:
    """Spend what a bad release wastes on this route, and fail as often as it fails."""
    bad = service.config.misbehaviour
    if bad is None or bad.route != route:
        return
    if bad.delay_ms:
        await service.work.spend(bad.delay_ms)
    if service.work.happens(bad.failure_rate):
        raise RuntimeError("unexpected state")


async def serve(config: ServiceConfig, kind: ServiceKind) -> None:
    """Answer requests until the process is told to end."""
    logging.getLogger("aiohttp").setLevel(logging.ERROR)
    service = Service(config, kind.connections)
    app = web.Application()
    for (method, route), handler in kind.routes.items():
        app.router.add_route(method, route, traced(service, route, handler))
    app.router.add_get(HEALTH, _health_of(config))
    if kind.connections:
        await service.database.open()
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEEPALIVE_S, shutdown_timeout=DRAIN_S)
    await runner.setup()
    # reuse_port: a new release listens beside the old one, so that a deploy loses no request. asyncio
    # itself switches Nagle's algorithm off on every connection.
    await web.TCPSite(runner, LOOPBACK, config.port, reuse_port=True).start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await runner.cleanup()
    await service.peers.close()
    if kind.connections:
        await service.database.close()
    service.telemetry.close()


def _health_of(config: ServiceConfig) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer health checks, untraced."""

    async def healthy(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "version": config.version, "instance": config.instance})

    return healthy
