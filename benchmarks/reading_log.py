"""Makes an nginx log of any size: timed, with upstreams, and with one line in a thousand damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

ROUTES = (
    "/", "/cart", "/checkout", "/search?q=term%d", "/api/items/%d", "/api/users/%d/orders", "/api/orders/%d",
    "/static/app.js", "/static/site.css", "/health",
)  # fmt: skip
WEIGHTS = (0.12, 0.08, 0.03, 0.1, 0.2, 0.1, 0.1, 0.12, 0.1, 0.05)
STATUSES = (200, 204, 301, 304, 404, 499, 500, 502, 503)
STATUS_WEIGHTS = (0.86, 0.02, 0.02, 0.05, 0.04, 0.003, 0.003, 0.003, 0.001)
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0.0.0 Safari/537.36",
    "curl/8.5.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1)",
    "okhttp/4.12.0",
)
IDS = 20_000
DAY_S = 86_400
DAMAGED_SHARE = 0.001
CHUNK = 500_000


def write_log(path: Path, lines: int, seed: int = 1) -> None:
    """Write `lines` lines that span a day."""
    generator = np.random.default_rng(seed)
    with path.open("wb") as stream:
        for first in range(0, lines, CHUNK):
            count = min(CHUNK, lines - first)
            stream.write(_chunk(generator, first, count, lines).encode())


def _chunk(generator: np.random.Generator, first: int, count: int, lines: int) -> str:
    columns = _columns(generator, first, count, lines)
    text = pl.format(
        '10.{}.{}.{} - - [{}] "GET {} HTTP/1.1" {} {} "-" "{}" rt={} urt="{}" ua="10.1.0.{}:8080" us="{}"',
        *(pl.col(name) for name in columns),
    )
    made = pl.DataFrame(columns).select(text.alias("line"))["line"].to_list()
    for place in generator.choice(count, max(1, int(count * DAMAGED_SHARE)), replace=False):
        made[place] = _damaged(made[place], int(generator.integers(4)))
    return "\n".join(made) + "\n"


def _columns(generator: np.random.Generator, first: int, count: int, lines: int) -> dict[str, pl.Series]:
    ids = generator.integers(0, IDS, count)
    routes = generator.choice(len(ROUTES), count, p=WEIGHTS)
    paths = pl.Series(np.array(ROUTES)[routes]).str.replace(
        "%d", pl.Series(ids).cast(pl.String), literal=True
    )
    seconds = pl.Series(((np.arange(first, first + count) * DAY_S) // lines) + 1_791_590_400)
    times = pl.from_epoch(seconds).dt.strftime("%d/%b/%Y:%H:%M:%S +0000")
    durations = generator.lognormal(3.5, 1.0, count) / 1000
    statuses = generator.choice(STATUSES, count, p=STATUS_WEIGHTS)
    address = generator.integers(0, 256, (3, count))
    return {
        "a": pl.Series(address[0]), "b": pl.Series(address[1]), "c": pl.Series(address[2]), "time": times,
        "path": paths, "status": pl.Series(statuses), "bytes": pl.Series(ids),
        "agent": pl.Series(np.array(AGENTS)[generator.choice(len(AGENTS), count)]),
        "rt": _seconds(durations), "urt": _seconds(durations * 0.9),
        "upstream": pl.Series(generator.integers(1, 9, count)), "us": pl.Series(statuses),
    }  # fmt: skip


def _seconds(values: np.ndarray) -> pl.Series:
    """Write seconds with three decimals, as nginx does."""
    thousandths = pl.Series(np.round(values * 1000).astype(np.int64)).cast(pl.String).str.zfill(4)
    return thousandths.str.replace(r"(\d{3})$", ".$1")


def _damaged(line: str, how: int) -> str:
    """Damage a line: cut it, put a stray quote in, drop a quote, or run it into another one."""
    half = len(line) // 2
    return (line[:half], line[:half] + '"' + line[half:], line.replace('"', "", 1), line[:half] + line)[how]
