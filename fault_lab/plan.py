"""How a scenario is run."""

from __future__ import annotations

from dataclasses import dataclass

# Everything that a run starts ends by itself this much after the load should have ended.
MARGIN_S = 240.0


@dataclass(frozen=True)
class Plan:
    """Length and mean rate (requests a second), what the dice start from, and the strength of the fault.

    `sampling` is the share of traces that are kept.
    """

    seconds: float
    rate: float
    seed: int = 1
    strength: float = 1.0
    sampling: float = 1.0

    @property
    def lifetime_s(self) -> float:
        """The longest that any process of the run may live."""
        return self.seconds + MARGIN_S
