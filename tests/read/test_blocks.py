"""A block that left its bytes behind is read from its place again, the same."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.read.sources.blocks import can_be_read_again, read_again, read_blocks
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
