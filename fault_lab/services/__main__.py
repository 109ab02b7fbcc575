"""One service process: `python -m fault_lab.services '{"name": "cart", ...}'`."""

from __future__ import annotations

import asyncio
import sys

from fault_lab.services.config import ServiceConfig
from fault_lab.services.registry import SERVICES
from fault_lab.services.service import serve

if __name__ == "__main__":
    config = ServiceConfig.from_json(sys.argv[1])
    asyncio.run(serve(config, SERVICES[config.name]))
