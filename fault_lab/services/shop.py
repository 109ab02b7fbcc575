"""The entry service: every request that nginx lets through comes here first."""

from __future__ import annotations

from aiohttp import web

from fault_lab.services.service import Service, ServiceKind


async def home(service: Service, _: web.Request) -> web.Response:
    """Show a handful of items."""
    await service.work.spend(5)
    return web.json_response(await service.peers.call("catalogue", "GET", "/items"))


async def products(service: Service, _: web.Request) -> web.Response:
    """List one page of items."""
    await service.work.spend(6)
    return web.json_response(await service.peers.call("catalogue", "GET", "/items"))


async def product(service: Service, request: web.Request) -> web.Response:
    """Show one item."""
    await service.work.spend(5)
    item = await service.peers.call("catalogue", "GET", "/items/{id}", id=request.match_info["id"])
    return web.json_response(item)


async def search(service: Service, _: web.Request) -> web.Response:
    """Search: the one page that always was slow."""
    await service.work.spend(5)
    return web.json_response(await service.peers.call("catalogue", "GET", "/search"))


async def view_cart(service: Service, request: web.Request) -> web.Response:
    """Show a cart with today's prices."""
    await service.work.spend(5)
    cart = await service.peers.call("cart", "GET", "/carts/{id}", id=request.match_info["id"])
    return web.json_response(cart)


async def add_to_cart(service: Service, request: web.Request) -> web.Response:
    """Put one item into a cart."""
    await service.work.spend(4)
    line = await request.json()
    added = await service.peers.call(
        "cart", "POST", "/carts/{id}/items", body=line, id=request.match_info["id"]
    )
    return web.json_response(added, status=201)


async def checkout(service: Service, request: web.Request) -> web.Response:
    """Sum a cart up, then charge for it."""
    await service.work.spend(8)
    cart_id = (await request.json())["cart"]
    total = await service.peers.call("cart", "GET", "/carts/{id}/total", id=cart_id)
    charge = await service.peers.call("payments", "POST", "/charges", body={"cart": cart_id, **total})
    return web.json_response(charge, status=201)


async def order(service: Service, request: web.Request) -> web.Response:
    """Say what was paid for an order."""
    await service.work.spend(4)
    charge = await service.peers.call("payments", "GET", "/charges/{id}", id=request.match_info["id"])
    return web.json_response(charge)


KIND = ServiceKind(
    routes={
        ("GET", "/"): home,
        ("GET", "/products"): products,
        ("GET", "/products/{id}"): product,
        ("GET", "/search"): search,
        ("GET", "/cart/{id}"): view_cart,
        ("POST", "/cart/{id}/items"): add_to_cart,
        ("POST", "/checkout"): checkout,
        ("GET", "/orders/{id}"): order,
    }
)
