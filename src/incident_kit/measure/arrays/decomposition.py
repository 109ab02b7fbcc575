"""Split the extra bad requests of each group into rate and mix.

The reference is the baseline. Let n be all requests in the incident. A group has the traffic share w0 and the
bad rate r0 in the baseline, and n1 requests with the bad rate r1 in the incident. Then expected = n w0 r0,
rate = n1 (r1 - r0), and mix = (n1 - n w0) r0. Rate and mix sum to the excess exactly (Kitagawa, J. Am. Stat.
Assoc. 50, 1955). The reference is zero bad requests and not the mean rate, so traffic that leaves a healthy
group explains nothing. The module works on arrays only.

For example, `/a` and `/b` have 900 and 100 of 1,000 requests in the baseline, and 800 and 200 in the
incident. `/b` fails in 10 % of its requests both times; `/a` fails in 0 % and then in 1 %. The excess of 18
bad requests is 8 by rate for `/a` and 10 by mix for `/b`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats


@dataclass(frozen=True)
class Decomposition:
    """Terms by group, in requests, of any leading shape. `rate + mix == excess == bad - expected`."""

    expected: Floats
    rate: Floats
    mix: Floats

    @property
    def excess(self) -> Floats:
        """Bad requests beyond the expected ones."""
        return self.rate + self.mix


def decompose(n0: Floats, b0: Floats, n1: Floats, b1: Floats) -> Decomposition:
    """Split the excess of window 1 over window 0 by group. The groups are the last axis.

    `n0` and `n1` are requests, `b0` and `b1` bad requests. A group absent from one window is pure mix. If the
    whole baseline is empty, everything is rate.
    """
    whole0, whole1 = n0.sum(axis=-1, keepdims=True), n1.sum(axis=-1, keepdims=True)
    expected = whole1 * b0 / np.maximum(whole0, 1)
    usual = np.where(n0 > 0, n1 * b0 / np.maximum(n0, 1), np.where(whole0 > 0, b1, 0.0))
    return Decomposition(expected, b1 - usual, usual - expected)
