"""Addresses of object stores are taken apart like paths, and read like files."""

from __future__ import annotations

from collections.abc import Iterator

import fsspec
import pytest

from incident_kit.errors import SourceError
from incident_kit.read.sources.blocks import read_blocks
from incident_kit.read.sources.paths import find_sources


@pytest.fixture
def store() -> Iterator[str]:
    """A store in memory; what names it is its protocol, as s3:// does a bucket."""
    files = fsspec.filesystem("memory")
    for day in ("30", "31"):
        files.pipe(f"/logs/{day}/a.log", b"one line\n")
    yield "memory://logs"
    files.rm("/logs", recursive=True)


def test_a_glob_stands_for_every_object_it_fits(store: str) -> None:
    sources = find_sources(f"{store}/*/a.log")
    assert [source.name.rpartition("logs/")[2] for source in sources] == ["30/a.log", "31/a.log"]
    assert [block.data for source in sources for block in read_blocks(source)] == [b"one line\n"] * 2


def test_a_glob_that_fits_nothing_is_said(store: str) -> None:
    with pytest.raises(SourceError, match=r"Nothing in the store is called memory://logs/\*\.gz"):
        find_sources(f"{store}/*.gz")


def test_a_question_mark_of_a_web_address_is_no_glob() -> None:
    assert [source.name for source in find_sources("https://x.example/log?day=1")] == [
        "https://x.example/log?day=1"
    ]
