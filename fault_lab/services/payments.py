"""Charges, and the export that a back office asks for now and then."""

from __future__ import annotations

from aiohttp import web

from fault_lab.services.service import Service, ServiceKind


async def charge(service: Service, request: web.Request) -> web.Response:
    """Charge for a cart."""
    await service.work.spend(18)
    order = await request.json()
    rows = await service.database.query(
        "INSERT charges",
        "INSERT INTO charges (cart_id, amount_cents) VALUES (%s, %s) RETURNING id",
        order["cart"],
        order["pieces"] * 999,
    )
    return web.json_response({"id": rows[0][0]}, status=201)


async def read_charge(service: Service, request: web.Request) -> web.Response:
    """Say what was charged."""
    await service.work.spend(6)
    rows = await service.database.query(
        "SELECT charges", "SELECT amount_cents FROM charges WHERE id = %s", int(request.match_info["id"])
    )
    if not rows:
        raise web.HTTPNotFound
    return web.json_response({"amount_cents": rows[0][0]})


async def export(service: Service, request: web.Request) -> web.Response:
    """Export all charges; one database connection is held for as long as the reader takes."""
    seconds = float(request.query["seconds"])
    await service.database.hold_connection("SELECT pg_sleep(%s)", seconds)
    return web.json_response({"exported": True})


KIND = ServiceKind(
    routes={("POST", "/charges"): charge, ("GET", "/charges/{id}"): read_charge, ("GET", "/export"): export},
    connections=8,
)
