"""An output is whole or what it was before, whatever stops the writing."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import polars as pl
import pytest

from incident_kit.engines.table_file import table_file
from incident_kit.engines.whole_file import whole_file

FRAME = pl.DataFrame({"a": ["x", "y"], "n": [1, 2]})


class FullDiskError(OSError):
    """A disk that takes no more."""


@pytest.mark.parametrize("ending", [".parquet", ".jsonl", ".csv"])
@pytest.mark.parametrize("before", [b"a table of yesterday", None], ids=["one before", "none before"])
def test_a_table_that_cannot_be_written_whole_is_not_written(
    tmp_path: Path, ending: str, before: bytes | None
) -> None:
    path = tmp_path / f"out{ending}"
    if before is not None:
        path.write_bytes(before)

    def fill() -> None:
        with table_file(path) as write:
            write(FRAME)
            raise FullDiskError

    with pytest.raises(FullDiskError):
        fill()
    assert {item.name: item.read_bytes() for item in tmp_path.iterdir()} == (
        {} if before is None else {path.name: before}
    )


@pytest.mark.parametrize(("ending", "read"), [(".parquet", pl.read_parquet), (".jsonl", pl.read_ndjson)])
def test_a_table_is_there_when_it_is_whole(tmp_path: Path, ending: str, read) -> None:
    path = tmp_path / "new" / f"out{ending}"
    with table_file(path) as write:
        write(FRAME)
        assert not path.exists()
    assert read(path).equals(FRAME)
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_link_and_the_rights_of_a_file_stay(tmp_path: Path) -> None:
    there, link = tmp_path / "there.txt", tmp_path / "link.txt"
    there.write_text("before")
    there.chmod(0o640)
    link.symlink_to(there)
    with whole_file(link) as place:
        place.write_text("after")
    assert link.is_symlink()
    assert there.read_text() == "after"
    assert there.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_written_itself(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe.csv", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with whole_file(pipe) as place:
        place.write_bytes(b"a")
    reader.join()
    assert read == [b"a"]
