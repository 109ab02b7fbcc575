"""Carts. Looking at one writes to `carts`; everything else leaves that table alone."""

from __future__ import annotations

from aiohttp import web

from fault_lab.services.service import Service, ServiceKind


async def view(service: Service, request: web.Request) -> web.Response:
    """Show a cart, with the current price of its first item from the catalogue."""
    await service.work.spend(6)
    cart_id = int(request.match_info["id"])
    touched = await service.database.query(
        "UPDATE carts", "UPDATE carts SET viewed_at = now() WHERE id = %s RETURNING id", cart_id
    )
    if not touched:
        raise web.HTTPNotFound
    lines = await service.database.query(
        "SELECT cart_items", "SELECT item_id, quantity FROM cart_items WHERE cart_id = %s LIMIT 20", cart_id
    )
    first = await service.peers.call("catalogue", "GET", "/items/{id}", id=lines[0][0])
    return web.json_response({"id": cart_id, "lines": len(lines), "first": first})


async def add_item(service: Service, request: web.Request) -> web.Response:
    """Put one more of an item into a cart."""
    await service.work.spend(7)
    line = await request.json()
    await service.database.query(
        "INSERT cart_items",
        "INSERT INTO cart_items VALUES (%s, %s, 1) "
        "ON CONFLICT (cart_id, item_id) DO UPDATE SET quantity = cart_items.quantity + 1",
        int(request.match_info["id"]),
        line["item"],
    )
    return web.json_response({"added": line["item"]}, status=201)


async def total(service: Service, request: web.Request) -> web.Response:
    """Count the pieces in a cart."""
    await service.work.spend(6)
    rows = await service.database.query(
        "SELECT cart_items",
        "SELECT sum(quantity) FROM cart_items WHERE cart_id = %s",
        int(request.match_info["id"]),
    )
    return web.json_response({"pieces": rows[0][0] or 0})


KIND = ServiceKind(
    routes={
        ("GET", "/carts/{id}"): view,
        ("POST", "/carts/{id}/items"): add_item,
        ("GET", "/carts/{id}/total"): total,
    },
    # Enough that requests which wait for a lock do not keep the others from the database.
    connections=32,
)
