"""One run of one scenario, from an empty directory to a checked recording."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fault_lab.background import in_background
from fault_lab.fleet import Fleet
from fault_lab.load import Clients, arrival_times, client_session, send_open_loop
from fault_lab.nginx import Nginx, running_nginx
from fault_lab.plan import Plan
from fault_lab.ports import LOOPBACK, free_port
from fault_lab.postgres import running_postgres
from fault_lab.recording import ACCESS_LOG, TRACES, TRUTH, count_spans, merged_spans, write_gzip
from fault_lab.scenarios.scenario import Scenario, World
from fault_lab.services.registry import ENTRY
from fault_lab.services.telemetry import UNSAMPLED
from fault_lab.traffic import Traffic
from fault_lab.truth import Truth, now, truth_of
from fault_lab.wire import Wire, laid

# When the fault begins, as a share of the run; the seed moves it a little, so that no two runs are alike.
FAULT_BEGINS, FAULT_JITTER = 1 / 3, 0.02
WARM_UP_REQUESTS = 60


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the files hold the rest."""

    truth: Truth
    arrivals: int
    log_lines: int
    spans: int
    outcomes: Counter[str]


async def run(scenario: Scenario, plan: Plan, output: Path) -> Outcome:
    """Make one recording in `output`.

    Raises
    ------
    LabError
        A part did not start, or spans were lost.
    """
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fault-lab-", ignore_cleanup_errors=True) as temporary:
        directory = Path(temporary)
        # PostgreSQL and nginx's workers run under accounts of their own, and must get in.
        directory.chmod(0o755)
        async with contextlib.AsyncExitStack() as stack:
            world, nginx = await _build(stack, scenario, plan, directory)
            clients, truth, arrivals = await _play(scenario, plan, world, nginx)
        spans = count_spans(world.fleet.span_files)
        with nginx.access_log.open() as lines:
            log_lines = write_gzip(output / ACCESS_LOG, lines)
        write_gzip(output / TRACES, merged_spans(world.fleet.span_files))
        truth.write(output / TRUTH)
    return Outcome(truth, arrivals, log_lines, spans, clients.outcomes)


async def _build(
    stack: contextlib.AsyncExitStack, scenario: Scenario, plan: Plan, directory: Path
) -> tuple[World, Nginx]:
    """Start every part; the stack ends them, last first."""
    postgres = await stack.enter_async_context(running_postgres(directory, plan.lifetime_s))
    fleet = Fleet(directory, plan, retries=scenario.retries, database_port=postgres.port)
    wires = {
        call: await stack.enter_async_context(laid(Wire(fleet.ports[call[1]]))) for call in scenario.wires
    }
    fleet.wired = {call: wire.port for call, wire in wires.items()}
    stack.push_async_callback(fleet.stop_all)
    await fleet.start_all()
    await _warm_up(fleet.ports[ENTRY], plan.seed)
    nginx = await stack.enter_async_context(running_nginx(directory, fleet.ports[ENTRY], plan.lifetime_s))
    return World(postgres, fleet, Traffic(random.Random(plan.seed)), wires, plan.seed), nginx


async def _warm_up(port: int, seed: int) -> None:
    """Send requests past nginx and unsampled, so that no recording begins with cold caches."""
    traffic = Traffic(random.Random(seed))
    async with client_session() as session:
        for _ in range(WARM_UP_REQUESTS):
            request = traffic.next_request()
            url = f"http://{LOOPBACK}:{port}{request.target}"
            async with session.request(request.method, url, json=request.body, headers=UNSAMPLED) as answer:
                await answer.read()


async def _play(scenario: Scenario, plan: Plan, world: World, nginx: Nginx) -> tuple[Clients, Truth, int]:
    """Load and fault at once; what came of them."""
    arrivals = arrival_times(plan.rate, plan.seconds, plan.seed)
    async with client_session() as session:
        clients = Clients(session, world.traffic, nginx.port, closed_port=free_port())
        async with in_background(clients.probe()), asyncio.TaskGroup() as both:
            injected = both.create_task(_inject(scenario, plan, world))
            await send_open_loop(arrivals, clients.send)
    return clients, truth_of(scenario, plan, *injected.result()), len(arrivals)


async def _inject(scenario: Scenario, plan: Plan, world: World) -> tuple[datetime, datetime]:
    """Wait, let the fault be for its time, and note when it came and went."""
    jitter = random.Random(plan.seed).uniform(-FAULT_JITTER, FAULT_JITTER)
    await asyncio.sleep(plan.seconds * (FAULT_BEGINS + jitter))
    async with scenario.fault(world, plan.strength):
        start = now()
        await asyncio.sleep(plan.seconds * scenario.lasts)
    return start, now()
