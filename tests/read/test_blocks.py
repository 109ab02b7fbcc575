"""A block that left its bytes behind is read from its place again, the same."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.read.sources.blocks import LONGEST_LINE, can_be_read_again, read_again, read_blocks
from incident_kit.read.sources.chunks import MAX_LINES
from incident_kit.read.sources.paths import Source
from tests.laws import examples

PIECES = (b"a line", b"#Fields: x y", b"caf\xc3\xa9", b"\xff bad", b"\xef\xbb\xbfmark", b"", b"cr\r")


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60), st.booleans(), st.integers(8, 64))
@examples(60)
def test_every_block_is_read_again_as_it_was(lines: list[bytes], ended: bool, size: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "access.log"
        path.write_bytes(b"first\n" + b"\n".join(lines) + b"\n" * ended)
        blocks = list(read_blocks(Source(str(path)), size))
        assert [read_again(replace(block, data=b"")) for block in blocks] == blocks
        assert blocks[-1].place[1] == path.stat().st_size


@pytest.mark.parametrize(("pack", "expected"), [(bytes, True), (gzip.compress, False)])
def test_only_plain_files_are_read_from_their_middle(tmp_path: Path, pack: object, expected: bool) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(pack(b"a line\n"))  # type: ignore[operator]
    assert can_be_read_again(Source(str(path))) is expected
    assert not can_be_read_again(Source("-"))


@pytest.mark.parametrize("over", [-1, 0, 1, 5 * LONGEST_LINE])
@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_of_a_line_that_is_too_long_the_beginning_is_read(
    tmp_path: Path, pack: object, ended: bool, over: int
) -> None:
    path = tmp_path / "access.log"
    long = b"r\r" + b"\xc3\xa9" * ((LONGEST_LINE + over) // 2 - 1) + b"x" * (over % 2)
    lines = [b"first", long, b"", b"last"][: 4 if ended else 2]
    path.write_bytes(pack(b"\n".join(lines) + b"\n" * ended))  # type: ignore[operator]
    blocks = list(read_blocks(Source(str(path)), LONGEST_LINE // 3))
    read = b"".join(block.data for block in blocks).split(b"\n")
    assert [len(line) for line in read[:2]] == [5, min(len(long), LONGEST_LINE)]
    assert read[2:] == [*lines[2:], b""]
    assert [block.note is not None for block in blocks if b"r\r" in block.data] == [over > 0]
    assert blocks[-1].place[1] == len(b"\n".join(lines)) + ended
    if pack is bytes:
        assert [read_again(replace(block, data=b"")) for block in blocks] == blocks


def test_a_megabyte_that_unpacks_to_a_gigabyte_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "access.log.zst"
    packer, zeros = zstandard.ZstdCompressor().compressobj(), bytes(b"a" * 2**20)
    path.write_bytes(b"".join([*(packer.compress(zeros) for _ in range(1024)), packer.flush()]))
    with Source(str(path)).open() as stream:
        most = 0
        while part := stream.read1(256 * 2**20):
            most = max(most, len(part))
    assert path.stat().st_size < 100_000
    assert most < 256 * 2**20


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("around", [(0, 0), (0, 500), (500, 0)], ids=["alike", "long first", "long last"])
def test_a_block_holds_no_more_lines_than_memory_has_room_for(
    tmp_path: Path, pack: object, around: tuple[int, int]
) -> None:
    before, after = (b"a longer line of the log, as most are\n" * (count * 100) for count in around)
    data, path = before + b"x\n" * (2 * MAX_LINES + 7) + after + b"no line feed", tmp_path / "access.log"
    path.write_bytes(pack(data))  # type: ignore[operator]
    blocks = list(read_blocks(Source(str(path))))
    counts = [len(block.line_ends) for block in blocks]
    assert max(counts) <= MAX_LINES + 1
    assert len(blocks) <= 5
    assert [block.first_line for block in blocks] == [1 + sum(counts[:n]) for n in range(len(counts))]
    assert b"".join(block.data for block in blocks) == data + b"\n"
    if pack is bytes:
        assert [read_again(replace(block, data=b"")) for block in blocks] == blocks
