"""Cut access logs into batches that any worker can read independently."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from incident_kit.errors import ParameterError, SourceError
from incident_kit.read.layouts.log_format import Layout, LogFormat
from incident_kit.read.parsing.detection import SAMPLE_LINES
from incident_kit.read.parsing.exactly import REJECTS, Parsed
from incident_kit.read.parsing.labels import labelled, with_labels
from incident_kit.read.parsing.read_settings import OWN, ReadSettings
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import all_formats, find_formats
from incident_kit.read.parsing.unseen_names import unseen_names
from incident_kit.read.parsing.wrappers import Bare, Wrapper, detect_inside, unwrap
from incident_kit.read.parts import Parts
from incident_kit.read.read_log import AccessLog
from incident_kit.read.rests import Rest, access_log
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.blocks import read_blocks
from incident_kit.read.sources.paths import Paths, Source
from incident_kit.read.sources.readable import Readable
from incident_kit.read.values.route_templates import Routes
from incident_kit.read.values.routes import route_finder
from incident_kit.schema import REQUESTS

# Parsed this many lines exactly takes about as long as starting the exact path.
FEW = 2_000
# Bytes at either end of a block to look for times in.
EDGE_BYTES = 16 * 1024
# Hosts that log in different formats take turns. Each reader keeps its caches in memory.
READERS_KEPT = 4
CUT_OFF = "It was cut off where the source is damaged."
# The formats whose lines name their values, so that the user's mapping can say what the names mean.
NAMING = ("json", "logfmt")


@dataclass(frozen=True)
class Batch:
    """A block of one source and how to read it; independent of all other batches.

    If `parts` are given, `begin` numbers the lines as those of the block, and the rest tells them apart.
    """

    block: Block
    wrappers: tuple[Wrapper, ...]
    reader: Reader
    parts: Parts | None = None
    labels: pl.DataFrame | None = None
    """What the wrappers told of each line, if they were taken off before."""

    def read(self) -> AccessLog:
        """Read the block."""
        bare = unwrap(self.block, self.wrappers)
        log = self._log(self.reader.read(bare.block), bare.pieces)
        return replace(log, requests=with_labels(log.requests, self._told(bare)))

    def begin(self) -> tuple[AccessLog, Rest]:
        """Read what the fast path can prove, in any order, and return the other lines as a rest.

        Parsing one line exactly costs as much as parsing `FEW`, so a short rest is better read together with
        those of other batches. A longer rest is read here.
        """
        bare = unwrap(self.block, self.wrappers)
        labels = self._told(bare)
        done, left = self.reader.fast(bare.block)
        if len(left) > FEW:
            log = self._log(self.reader.complete(done, left), bare.pieces)
            return log, Rest(self.block.source, left.clear(), self.reader, 0, self.parts, labels)
        fast = () if done.is_empty() else ((self.reader.formats[0], done["line_number"]),)
        log = self._log(Parsed(done, pl.DataFrame(schema=REJECTS), fast), bare.pieces)
        return log, Rest(self.block.source, left, self.reader, len(done), self.parts, labels)

    def edges(self) -> pl.Series:
        """Return the `start_time` of the first and the last few lines of the block, in the first format."""
        data = self.block.data
        if len(data) > 2 * EDGE_BYTES:
            head = data[: data.rfind(b"\n", 0, EDGE_BYTES) + 1]
            data = head + data[data.index(b"\n", len(data) - EDGE_BYTES) + 1 :]
        block = unwrap(replace(self.block, data=data), self.wrappers).block
        times = {name: OWN[name] for name in ("line_number", "start_time")}
        settings = replace(self.reader.settings, columns=times, added={}, repeated=frozenset())
        reading = Reader(self.reader.formats[:1], settings).exactly(block.lines())
        return reading.requests["start_time"]

    def _log(self, reading: Parsed, pieces: pl.DataFrame) -> AccessLog:
        rejected = pl.concat([reading.rejected, pieces, self._half()])
        whole = replace(reading, rejected=rejected.sort("line_number"))
        return access_log(whole, self.block.source, self.block.note)

    def _told(self, bare: Bare) -> pl.DataFrame | None:
        """Return the labels of the lines, whenever their wrappers were taken off."""
        return self.labels if bare.labels is None else bare.labels

    def _half(self) -> pl.DataFrame:
        """Return the line that damage cut off, as a rejected one, if there is one."""
        rows = [(*self.block.half, CUT_OFF)] if self.block.half else []
        return pl.DataFrame(rows, schema=REJECTS, orient="row")


def plan_batches(
    paths: Paths,
    *,
    log_format: str | Mapping[str, str] | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    columns: Collection[str] = tuple(REQUESTS),
    added: Mapping[str, pl.Expr] = MappingProxyType({}),
    repeated: Collection[str] = (),
) -> Iterator[Batch]:
    """Cut access logs into batches; the format is detected at the beginning of each source.

    `columns` are the wanted columns of REQUESTS, besides `line_number`. `added` are expressions on columns of
    REQUESTS that look at one line at a time. Text columns in `repeated` become Categorical, because they are
    dictionary-encoded anyway.
    """
    _check_zone(tz)
    formats = candidates(log_format)
    own = {name: column for name, column in OWN.items() if name in (*columns, "line_number")}
    settings = ReadSettings(own, added, route_finder(routes), tz, frozenset(repeated))
    sources, readers = Readable(paths), Readers(settings)
    yield from chain.from_iterable(sources.begun(partial(_begun, formats=formats, readers=readers)))
    if note := sources.note("access logs"):
        yield Batch(Block(sources.last, 1, b"", note), (), readers.last)


class Readers:
    """Readers of sources; sources in the same formats share one reader and its caches."""

    def __init__(self, settings: ReadSettings) -> None:
        self._settings = settings
        self._latest: deque[Reader] = deque(maxlen=READERS_KEPT)

    @property
    def last(self) -> Reader:
        """The reader made last."""
        return self._latest[-1]

    def of(self, formats: tuple[LogFormat, ...]) -> Reader:
        """Return the reader for a source in these formats."""
        for reader in self._latest:
            if _identity(reader.formats) == _identity(formats):
                return reader
        self._latest.append(Reader(formats, self._settings))
        return self._latest[-1]


def _identity(formats: Sequence[LogFormat]) -> list[tuple[str, Layout]]:
    """Return what distinguishes the formats of one plan; the expressions in them cannot be compared."""
    return [(row.name, row.layout) for row in formats]


def _begun(source: Source, formats: Sequence[LogFormat], readers: Readers) -> Iterator[Batch]:
    """Read the first block of a source to detect its format, and return an iterator of its batches."""
    blocks = read_blocks(source)
    first = next(blocks)
    if first.half and not first.data.strip():
        raise SourceError(f"{source.title} is damaged within its first line; give a copy that is whole.")
    known = detect_inside(first, formats)
    reader = readers.of(known.detection.formats)
    wrappers = known.wrappers
    sample = first.beginning(SAMPLE_LINES)
    if unseen := unseen_names(known.detection.formats[0], sample, wrappers):
        first = replace(first, note=" ".join(filter(None, (first.note, unseen))))
    if wrappers and "extra" in reader.settings.wanted:
        wrappers = labelled(wrappers, sample.lines())
    return (Batch(block, wrappers, reader) for block in chain([first], blocks))


def candidates(log_format: str | Mapping[str, str] | None) -> list[LogFormat]:
    """Return the formats that a log may be in: all, those of a name, or those that a mapping describes."""
    if log_format is None:
        return all_formats()
    if isinstance(log_format, Mapping):
        terms = ",".join(f"{column}={name}" for column, name in log_format.items())
        return [row for prefix in NAMING for row in find_formats(f"{prefix}:{terms}")]
    return find_formats(log_format)


def _check_zone(tz: str) -> None:
    try:
        ZoneInfo(tz)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ParameterError(f"There is no time zone {tz!r}; give one such as Europe/Berlin.") from error
