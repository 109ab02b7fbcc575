"""An episode: a run of buckets in which an SLO was met less well than usual, and what it takes to count.

Evidence is in nats: the natural logarithm of how much better a raised share of bad requests explains the
counts than the usual share does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from incident_kit.diagnosis.detection.levels import WINDOW_EVIDENCE
from incident_kit.diagnosis.detection.series import Run

LOGS_PER_FALSE_ALARM = 1_000
"""One false alarm is accepted per thousand logs, counting every place in a log where an incident could
begin."""

RESERVE = 1.5
"""Half as much evidence again is required, because bad requests in clusters look less like chance than they
are."""

MIN_BAD = 10
"""An incident has this many bad requests beyond the usual: errors cluster around one user or one restart."""

SHORTEST_S = 10
"""A burst of a few seconds is over before anyone could act on it."""

SUSTAINED_S = 120
"""A return to the usual level lasts two minutes; a shorter one is a pause within one incident."""


@dataclass(frozen=True)
class Episode:
    """A run of buckets: bad requests beyond the usual ones, and how far beyond the budget.

    `burn` is the excess as a multiple of what the SLO allows, `nats` the evidence that it is not chance,
    and `matters` says that it is large enough to be an incident.
    """

    run: Run
    excess: float
    burn: float
    nats: float
    matters: bool

    def found_among(self, buckets: int) -> bool:
        """Return whether it matters, and is no chance for a stretch found by searching so many buckets."""
        return self.matters and self.nats >= RESERVE * log(LOGS_PER_FALSE_ALARM * buckets)

    @property
    def likely(self) -> bool:
        """Whether it matters, and chance is unlikely for a stretch that was given."""
        return self.matters and self.nats >= WINDOW_EVIDENCE
