"""On how many examples the laws of the kit are tried: few and always the same, or many and at random.

`make test` must say the same of the same commit wherever it runs. `make fuzz` sets `FUZZ` to how many times
as many examples are wanted, and looks for what nobody thought of.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture import providers

FUZZ = "FUZZ" in os.environ
TIMES = int(os.environ.get("FUZZ", "1"))


def load_profile() -> None:
    """Let hypothesis do what this run is for."""
    common = settings(
        max_examples=100 * TIMES,
        deadline=None,
        print_blob=True,
        # How long drawing takes says more about the machine than about the law.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
    settings.register_profile("fuzz", common)
    settings.register_profile(
        "test", common, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
    )
    settings.load_profile("fuzz" if FUZZ else "test")
    if not FUZZ:
        # Constants of the modules imported so far are drawn too, and each worker has imported others.
        providers.is_local_module_file = lambda _: False


def examples(number: int) -> settings:
    """Return the settings of a law that so many examples try in `make test`."""
    return settings(max_examples=number * TIMES)
