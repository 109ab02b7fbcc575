"""A log folded by the time of day, and the stretch of the day that is bad on most days.

Example: on five days, 40 %, 38 %, 0 %, 41 % and 45 % of the requests are slow in the five minutes from 2:00,
and 1 % in the rest of the day. The median day has 40 %, so the stretch is bad, on four of five days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.detection.episode import MIN_BAD, Episode
from incident_kit.diagnosis.detection.levels import least_raised
from incident_kit.diagnosis.detection.series import Series
from incident_kit.diagnosis.detection.usual_share import SEASON_DAYS, by_day, middle_day
from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.change_points import two_sample_evidence
from incident_kit.measure.arrays.runs import join_runs, true_runs
from incident_kit.slo import Slo

SLOT_S = 300
"""A day is looked at in slots of five minutes, because most jobs begin at a multiple of five minutes."""

GAP_SLOTS = 2
"""Bad slots with one other between them are one stretch: a job begins now earlier, now later."""

ROUNDS = 2
"""The usual share is learnt twice, the second time without the slots that are bad."""


@dataclass(frozen=True)
class DailyStretch:
    """A stretch of the day that is bad: its slots, its share of bad requests, and that of the other slots.

    It begins `begins_s` after the log's first bucket, and is bad on `bad_days` of `days`. `load` is how many
    times as many requests come then as at other times. The `episode` takes all days together.
    """

    begins_s: int
    lasts_s: int
    share: float
    otherwise: float
    bad_days: int
    days: int
    load: float
    episode: Episode


@dataclass(frozen=True)
class Days:
    """Bad requests and all requests of whole days, of shape (days, slots)."""

    bad: Floats
    requests: Floats
    slot_s: int

    @classmethod
    def of(cls, series: Series) -> Days:
        """Fold a log, of which the rest after the last whole day is left out."""
        bad, requests = (by_day(counts, series.bucket_s, SLOT_S) for counts in (series.bad, series.requests))
        return cls(bad, requests, max(SLOT_S, series.bucket_s) // series.bucket_s * series.bucket_s)

    def share(self, slots: Bools | Ints) -> float:
        """Return the share of bad requests in some slots of all days."""
        return float(self.bad[:, slots].sum() / max(self.requests[:, slots].sum(), 1.0))

    def worst_stretch(self, slo: Slo) -> DailyStretch | None:
        """Return the stretch of the day with most bad requests beyond the usual, if the days show one."""
        if len(self.bad) < SEASON_DAYS:
            return None
        raised = self._raised(slo)
        found = [self._stretch(run, raised, slo) for run in _runs(raised)]
        enough = [
            one
            for one in found
            if one.episode.found_among(raised.size) and one.bad_days >= max(SEASON_DAYS, one.days / 2)
        ]
        return max(enough, key=lambda one: one.episode.excess, default=None)

    def _raised(self, slo: Slo) -> Bools:
        """Return the slots that are raised on the median day above the other slots together."""
        shares = self.bad / np.maximum(self.requests, 1.0)
        middle = middle_day(shares)
        raised = np.zeros(len(middle), dtype=bool)
        for _ in range(ROUNDS):
            raised = middle >= least_raised(self.share(~raised), slo)
        return raised

    def _stretch(self, run: tuple[int, int], raised: Bools, slo: Slo) -> DailyStretch:
        slots = np.arange(*run) % len(raised)
        bad, requests = (counts[:, slots].sum(axis=1) for counts in (self.bad, self.requests))
        usual, known = self.share(~raised), float(self.requests[:, ~raised].sum())
        excess = float(bad.sum() - usual * requests.sum())
        episode = Episode(
            run,
            excess,
            burn=excess / float(requests.sum()) / slo.budget,
            nats=two_sample_evidence(float(bad.sum()), float(requests.sum()), usual, known),
            matters=excess >= MIN_BAD,
        )
        bad_days = int((bad >= float(least_raised(usual, slo)) * np.maximum(requests, 1.0)).sum())
        return DailyStretch(
            int(slots[0]) * self.slot_s,
            len(slots) * self.slot_s,
            self.share(slots),
            usual,
            bad_days,
            len(self.bad),
            float(self.requests[:, slots].mean() / max(self.requests[:, ~raised].mean(), 1e-9)),
            episode,
        )


def _runs(raised: Bools) -> list[tuple[int, int]]:
    """Return the runs of raised slots; one that reaches the last slot may go on at the first."""
    if raised.all() or not raised.any():
        return []
    begin = int(np.flatnonzero(~raised)[0])
    runs = join_runs(true_runs(np.roll(raised, -begin)), GAP_SLOTS)
    return [(start + begin, end + begin) for start, end in runs]
