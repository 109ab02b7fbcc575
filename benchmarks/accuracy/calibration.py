"""How many of the intervals that say 95 % contain the truth, with the windows given.

    python -m benchmarks.accuracy.calibration --replicates 2000

Each replicate draws a service (routes, rates, usual shares of bad requests), a fault in one or two routes, a
moved mix, clustering of bad requests and of arrivals, and the length of both windows; then counts. The truth
is the share of the excess that the drawn rates imply.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.command_line import command_line
from incident_kit.measure.arrays.decomposition import decompose
from incident_kit.measure.arrays.dispersion import WindowCounts
from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.arrays.share_intervals import mix_share_bounds, share_bounds

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Service:
    """Arrivals to a block by route, and the share of them that is bad: before and during."""

    arrivals: tuple[Floats, Floats]
    bad: tuple[Floats, Floats]
    blocks: tuple[int, int]
    cluster: float

    def truth(self) -> tuple[Floats, float]:
        """Return each route's share of the excess, and the mix's."""
        (a0, a1), (r0, r1) = self.arrivals, self.bad
        terms = decompose(a0, a0 * r0, a1, a1 * r1)
        return terms.excess / terms.excess.sum(), float(terms.mix.sum() / terms.excess.sum())

    def draw(self, draw: np.random.Generator, which: int) -> WindowCounts:
        """Return counts of one window; bad requests come in clusters of that mean size."""
        shape = (self.blocks[which], len(self.arrivals[which]))
        requests = draw.poisson(np.broadcast_to(self.arrivals[which], shape)).astype(np.float64)
        if self.cluster <= 1:
            bad = draw.binomial(requests.astype(int), self.bad[which])
            return WindowCounts(requests, bad.astype(np.float64))
        # A share that is drawn anew for each block and route: beta-binomial, variance about `cluster` times.
        mean = np.maximum(requests, 2)
        precision = np.maximum((mean - self.cluster) / (self.cluster - 1), 0.5)
        share = draw.beta(np.maximum(self.bad[which] * precision, 1e-6), (1 - self.bad[which]) * precision)
        return WindowCounts(requests, draw.binomial(requests.astype(int), share).astype(np.float64))


def service(draw: np.random.Generator) -> Service:
    """Return a random service with a fault in it."""
    routes = int(draw.integers(2, 9))
    mix = draw.dirichlet(np.full(routes, 1.5))
    usual = np.exp(draw.uniform(np.log(2e-4), np.log(0.05), routes))
    during = usual.copy()
    hit = draw.choice(routes, size=int(draw.integers(1, 3)), replace=False)
    during[hit] = usual[hit] + draw.uniform(0.02, 0.9, len(hit))
    moved = mix * np.exp(draw.normal(0, draw.choice([0, 0.2]), routes))
    per_block = float(np.exp(draw.uniform(np.log(50), np.log(3000))))
    blocks = (30, 30)
    cluster = float(draw.choice([1.0, 1.0, 3.0]))
    return Service((per_block * mix, per_block * moved / moved.sum()), (usual, during), blocks, cluster)


def coverage(replicates: int, seed: int = 0) -> dict[str, tuple[int, int]]:
    """Return, for each kind of interval, how many hold the truth, and of how many."""
    draw = np.random.default_rng(seed)
    held = {
        name: [0, 0]
        for name in ("first endpoint's share", "all endpoints' shares", "mix share", "error rate")
    }

    def count(name: str, low: npt.ArrayLike, high: npt.ArrayLike, truth: npt.ArrayLike) -> None:
        inside = (np.asarray(low) <= truth) & (truth <= np.asarray(high))
        held[name][0] += int(inside.sum())
        held[name][1] += inside.size

    for _ in range(replicates):
        drawn = service(draw)
        before, during = drawn.draw(draw, 0), drawn.draw(draw, 1)
        shares, mix = drawn.truth()
        low, high = share_bounds(before, during)
        first = int(np.argmax(shares))
        count("first endpoint's share", low[first], high[first], shares[first])
        count("all endpoints' shares", low, high, shares)
        count("mix share", *mix_share_bounds(before, during), np.array(mix))
        total, rate = (
            int(draw.integers(1_000, 100_000)),
            float(np.exp(draw.uniform(np.log(1e-3), np.log(0.1)))),
        )
        low, high = wilson(draw.binomial(total, rate), total)
        count("error rate", low, high, np.array(rate))
    return {name: (inside, of) for name, (inside, of) in held.items()}


def main() -> None:
    parser = command_line(__doc__)
    parser.add_argument("--replicates", type=int, default=2000, help="draws of a service and its fault")
    given = parser.parse_args()
    for name, (inside, of) in coverage(given.replicates).items():
        print(f"{name:25} {100 * inside / of:5.1f} % of {of} intervals contain the truth")


if __name__ == "__main__":
    main()
