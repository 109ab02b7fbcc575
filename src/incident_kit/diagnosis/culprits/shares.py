"""Divide the excess exactly: which part of the extra time, or of the extra failures, belongs to whom.

The owners are the services and dependencies, and one more for the unexplained rest. Every trace's root
duration (or its failure) is divided among the owners without remainder. An owner's excess is what it has in
the incident minus what it has in as many baseline traces of the same root operation, so a change of the
workload's mix is no excess. An owner's share is its excess divided by that of all owners:

    per request       baseline    incident    excess    share
    web                   5 ms        5 ms      0 ms        0
    cart                  8 ms       32 ms     24 ms     0.75
    redis                 2 ms       10 ms      8 ms     0.25

Each share has a bootstrap interval over blocks of traces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.intervals import block_weights

BLOCKS = 100
"""Number of blocks of consecutive traces. A block is resampled as a whole, because neighbouring traces are
correlated; 100 blocks are enough to estimate a spread.
"""

LIMITS = (2.5, 97.5)
"""Percentiles of the bootstrap replicates that bound a share: a 95 % interval."""

MAX_OPERATIONS = 30
"""Root operations beyond this many most frequent ones are pooled, which keeps the resampling small."""

AT_ONCE = 500
"""Number of owners resampled at once, which takes about 100 MB. There may be many owners, because a trace may
name a host for each address that ever answered.
"""


@dataclass(frozen=True)
class OwnedAmounts:
    """Amounts of traces: by row, `amount` of trace `trace` belongs to `owner`. `operation` is by trace."""

    trace: Ints
    owner: Ints
    amount: Floats
    operation: Ints
    owners: int


@dataclass(frozen=True)
class Shares:
    """By owner: its share of the excess with the interval. `excess` is per trace, all owners together."""

    share: Floats
    low: Floats
    high: Floats
    excess: float


@dataclass(frozen=True)
class _Blocks:
    """Amounts, shape (blocks or replicates, operations, owners), and traces, which lack the last axis."""

    amounts: Floats
    traces: Floats

    def of_owners(self, owners: slice) -> _Blocks:
        return _Blocks(self.amounts[..., owners], self.traces)

    def resampled(self, weights: Floats) -> _Blocks:
        return _Blocks(np.tensordot(weights, self.amounts, axes=1), weights @ self.traces)


def excess_shares(owned: OwnedAmounts, incident: Ints, baseline: Ints) -> Shares:
    """Return each owner's share of the excess; all shares are 0 if there is no excess.

    `incident` and `baseline` are trace numbers in the order of time. A root operation that the baseline lacks
    cannot be compared, so it counts on neither side.
    """
    operation = _frequent(owned.operation)
    incident_blocks = _blocks(owned, operation, incident)
    baseline_blocks = _blocks(owned, operation, baseline)
    ones = np.ones((1, len(incident_blocks.traces))), np.ones((1, len(baseline_blocks.traces)))
    excess = _excess(incident_blocks.resampled(ones[0]), baseline_blocks.resampled(ones[1]))[0]
    whole = float(excess.sum())
    if whole <= 0:
        nothing = np.zeros(owned.owners)
        return Shares(nothing, nothing, nothing, whole / max(len(incident), 1))
    drawn = _replicates(incident_blocks, baseline_blocks, owned.owners)
    sums = drawn.sum(axis=1)
    low, high = np.percentile(drawn[sums > 0] / sums[sums > 0, None], LIMITS, axis=0)
    share = excess / whole
    return Shares(share, np.minimum(low, share), np.maximum(high, share), whole / len(incident))


def _replicates(incident: _Blocks, baseline: _Blocks, owners: int) -> Floats:
    """Return the excess by owner in every bootstrap replicate, shape (replicates, owners)."""
    weights = block_weights(len(incident.traces)), block_weights(len(baseline.traces), seed=1)
    some = (slice(begin, begin + AT_ONCE) for begin in range(0, owners, AT_ONCE))
    sides = ((incident.of_owners(chosen), baseline.of_owners(chosen)) for chosen in some)
    return np.hstack(
        [_excess(now.resampled(weights[0]), usual.resampled(weights[1])) for now, usual in sides]
    )


def _frequent(operation: Ints) -> Ints:
    """Renumber the operations by frequency; those beyond MAX_OPERATIONS share one number."""
    rank = np.argsort(np.argsort(-np.bincount(operation), kind="stable"), kind="stable")
    renumbered: Ints = np.minimum(rank, MAX_OPERATIONS)[operation]
    return renumbered


def _blocks(owned: OwnedAmounts, operation: Ints, traces: Ints) -> _Blocks:
    """Return sums of amounts and numbers of traces, by block of consecutive traces and by operation."""
    blocks, operations = max(min(BLOCKS, len(traces)), 1), int(operation.max(initial=0)) + 1
    block = np.full(len(operation), -1)
    block[traces] = np.arange(len(traces)) * blocks // max(len(traces), 1)
    shape = (blocks, operations, owned.owners)
    rows = block[owned.trace] >= 0
    trace = owned.trace[rows]
    cell = (block[trace] * operations + operation[trace]) * owned.owners + owned.owner[rows]
    amounts = np.bincount(cell, weights=owned.amount[rows], minlength=blocks * operations * owned.owners)
    counts = np.bincount(block[traces] * operations + operation[traces], minlength=blocks * operations)
    return _Blocks(amounts.astype(float).reshape(shape), counts.astype(float).reshape(shape[:2]))


def _excess(incident: _Blocks, baseline: _Blocks) -> Floats:
    """Return the excess by owner, shape (replicates, owners)."""
    known = (baseline.traces > 0)[..., None]
    per_trace = np.divide(
        baseline.amounts, baseline.traces[..., None], out=np.zeros_like(baseline.amounts), where=known
    )
    extra = np.where(known, incident.amounts, 0.0) - incident.traces[..., None] * per_trace
    excess: Floats = extra.sum(axis=1)
    return excess
