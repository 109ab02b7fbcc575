"""Items and their prices."""

from __future__ import annotations

from aiohttp import web

from fault_lab.services.service import Service, ServiceKind


async def items(service: Service, _: web.Request) -> web.Response:
    """List a page of items."""
    await service.work.spend(12)
    rows = await service.database.query("SELECT items", "SELECT id, name FROM items ORDER BY id LIMIT 20")
    return web.json_response({"items": [{"id": item, "name": name} for item, name in rows]})


async def item(service: Service, request: web.Request) -> web.Response:
    """Show one item with its price."""
    await service.work.spend(9)
    rows = await service.database.query(
        "SELECT items", "SELECT name, price_cents FROM items WHERE id = %s", int(request.match_info["id"])
    )
    if not rows:
        raise web.HTTPNotFound
    return web.json_response({"name": rows[0][0], "price_cents": rows[0][1]})


async def search(service: Service, _: web.Request) -> web.Response:
    """Search the text of all items without an index: slow on every day."""
    await service.work.spend(310)
    rows = await service.database.query(
        "SELECT items", "SELECT id, name FROM items WHERE name LIKE %s LIMIT 5", "%7%"
    )
    return web.json_response({"items": [{"id": item, "name": name} for item, name in rows]})


KIND = ServiceKind(
    routes={("GET", "/items"): items, ("GET", "/items/{id}"): item, ("GET", "/search"): search},
    connections=10,
)
