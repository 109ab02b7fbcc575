"""The services, by name, and who calls whom."""

from __future__ import annotations

from fault_lab.services import cart, catalogue, payments, shop
from fault_lab.services.service import ServiceKind

SERVICES: dict[str, ServiceKind] = {
    "catalogue": catalogue.KIND,
    "cart": cart.KIND,
    "payments": payments.KIND,
    "shop": shop.KIND,
}
# The name under which a service finds its database among the wires.
DATABASE = "postgresql"
ENTRY = "shop"
CALLS: dict[str, tuple[str, ...]] = {
    "shop": ("catalogue", "cart", "payments"),
    "catalogue": (DATABASE,),
    "cart": ("catalogue", DATABASE),
    "payments": (DATABASE,),
}
