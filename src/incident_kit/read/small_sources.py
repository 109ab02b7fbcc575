"""Join the blocks of small sources in the same format, because every block has a fixed cost.

A folder of a hundred files of a few thousand lines each took four times as long as one file of the same
lines. The joined lines are numbered anew while they are read; then each is given back its source and number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from incident_kit.read.batches import Batch
from incident_kit.read.parsing.wrappers import unwrap
from incident_kit.read.parts import Parts
from incident_kit.read.sources.block import Block

# A block of so many bytes takes ten times as long as its fixed cost, and several are left to be read at once.
ENOUGH_BYTES = 4 * 1024 * 1024


def joined(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Yield the batches in order; consecutive ones that are small and in the same format become one."""
    waiting, size = list[Batch](), 0
    for batch in batches:
        bare = _bare(batch)
        size += len(batch.block.data)
        if waiting and (bare is None or bare.reader is not waiting[0].reader or size > ENOUGH_BYTES):
            yield _one(waiting)
            waiting, size = [], len(batch.block.data)
        if bare is None:
            yield batch
        else:
            waiting.append(bare)
    if waiting:
        yield _one(waiting)


def _bare(batch: Batch) -> Batch | None:
    """Return a small batch without its wrappers; None if it is large, or to be read by itself."""
    if len(batch.block.data) > ENOUGH_BYTES // 2 or _depends_on_its_source(batch):
        return None
    bare = unwrap(batch.block, batch.wrappers)
    return (
        replace(batch, block=bare.block, wrappers=(), labels=bare.labels) if bare.pieces.is_empty() else None
    )


def _depends_on_its_source(batch: Batch) -> bool:
    """Return whether the lines of a batch mean what they do in their source only.

    They do below a header, where times are local and clocks may be set back, and where a format is made for
    the lines it finds. What is said of a source is about that source.
    """
    block, reader = batch.block, batch.reader
    headed = block.above or block.data.startswith(b"#") or b"\n#" in block.data
    told = block.note or block.half
    return bool(headed or told or reader.settings.order_counts or reader.formats[0].open_ended)


def _one(batches: Sequence[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    parts = Parts.of([batch.block for batch in batches])
    data = b"".join(batch.block.data for batch in batches)
    labels = [
        batch.labels.with_columns(pl.col("line_number") + begin - batch.block.first_line)
        for batch, begin in zip(batches, parts.begins.tolist(), strict=True)
        if batch.labels is not None
    ]
    together = pl.concat(labels, how="diagonal") if labels else None
    return replace(batches[0], block=Block(parts.title, 1, data), parts=parts, labels=together)
