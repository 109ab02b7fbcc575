"""Read lines of one format on its fast path, as far as they can be proven."""

from __future__ import annotations

from functools import partial

import numpy as np
import polars as pl

from incident_kit.read.cutting.cutter import LINE_NUMBER
from incident_kit.read.cutting.plan import FastPath
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.read_settings import ReadSettings
from incident_kit.read.parsing.requests import UNREADABLE, plan_requests
from incident_kit.read.sources.block import Block


def fast_path(log_format: LogFormat, settings: ReadSettings) -> FastPath | None:
    """Return the fast path of a format, or None; it holds caches, so keep it for further blocks.

    A format that accepts any tail and is specialised to the tails it finds has no fast path: the first lines
    cannot tell which later lines a specialised format reads.
    """
    if log_format.open_ended and log_format.specialised_for:
        return None
    layout = log_format.layout
    return layout.fast_path(
        partial(plan_requests, log_format=log_format, settings=settings, plain=layout.plain_where_proven)
    )


def read_proven(way: FastPath, block: Block) -> pl.DataFrame | None:
    """Return the requests in the proven lines; None if the fast path cannot read the block."""
    requests = way.read(block)
    if requests is None:
        return None
    if requests[UNREADABLE].any():
        requests = requests.filter(~pl.col(UNREADABLE))
    return requests.drop(UNREADABLE)


def read_lines_proven(
    lines: pl.DataFrame, log_format: LogFormat, settings: ReadSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the requests in the proven ones among some lines, and the other lines."""
    way = fast_path(log_format, settings)
    text = "".join(f"{line}\n" for line in lines["line"])
    found = None if way is None else read_proven(way, Block("", 0, text.encode()))
    if found is None:
        return settings.nothing(), lines
    rows = found[LINE_NUMBER]
    left = np.ones(len(lines), dtype=bool)
    left[rows.to_numpy()] = False
    return found.with_columns(lines[LINE_NUMBER].gather(rows)), lines.filter(pl.Series(left))
