"""Small sources are read together, and everything is said of each as if it were read alone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.engines.local import rollup
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.measure.rollups.tables import TABLES
from incident_kit.read.access_log import read_access_log
from incident_kit.read.batches import plan_batches
from incident_kit.read.small_sources import joined
from tests.laws import examples

LINE = '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /{} HTTP/1.1" 200 612 "-" "curl"'
KINDS = {
    "request": LINE,
    "escaped": LINE.replace("curl", r"a \"curl\""),
    "rejected": "no request {}",
    "json": '{{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/{}","status":200}}',
    "header": "#Fields: {}",
    "blank": "",
}
AROUND: dict[str, Callable[[str], str]] = {
    "nothing": str,
    "docker": lambda line: json.dumps(
        {"log": f"{line}\n", "stream": "stdout", "time": "2026-10-10T13:55:36Z"}
    ),
    "cri": lambda line: f"2026-10-10T13:55:36.1Z stdout F {line}",
}
SOURCES = st.lists(
    st.tuples(
        st.sampled_from(list(AROUND)), st.lists(st.sampled_from(list(KINDS)), max_size=12), st.booleans()
    ),
    min_size=1,
    max_size=6,
)


@given(SOURCES)
@examples(30)
def test_a_folder_is_read_as_each_of_its_files(sources: list[tuple[str, list[str], bool]]) -> None:
    with TemporaryDirectory() as folder:
        for place, (around, kinds, ended) in enumerate(sources):
            lines = [
                AROUND[around](KINDS[kind].format(number)) for number, kind in enumerate(["request", *kinds])
            ]
            (Path(folder) / f"{place}.log").write_text("\n".join(lines) + "\n" * ended)
        whole = read_access_log(folder)
        alone = [read_access_log(Path(folder) / f"{place}.log") for place in range(len(sources))]
    assert_frame_equal(whole.requests, pl.concat([log.requests for log in alone]))
    assert_frame_equal(whole.rejected, pl.concat([log.rejected for log in alone]))


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    for hour in range(24):
        lines = [LINE.replace("13:55:36", f"{hour:02}:00:{n:02}").format(n) for n in range(50)]
        lines[hour] = "no request"
        content = "\n".join(lines).encode()
        (tmp_path / f"{hour:02}.log.gz").write_bytes(gzip.compress(content) if hour % 2 else content)
    return tmp_path


def test_small_files_in_one_format_are_one_batch(hours: Path) -> None:
    assert len(list(plan_batches(hours))) == 24
    assert len(list(joined(plan_batches(hours)))) == 1


def test_a_rollup_of_small_files_names_the_file_and_the_line_of_each_example(hours: Path) -> None:
    small, whole = rollup(hours, bucket_s=60), rollup_requests(read_access_log(hours).requests, bucket_s=60)
    for name in (*TABLES, "exemplars"):
        assert_frame_equal(getattr(small, name), getattr(whole, name), check_row_order=False)
    assert (small.meta.requests, small.meta.rejected) == (24 * 49, 24)


@pytest.mark.parametrize(
    ("one", "options"),
    [
        (f"2026-10-10T13:55:36.1Z stdout F {LINE}\n2026-10-10T13:55:36.1Z stdout P half", {}),
        (f"#Software: x\n{LINE}", {}),
        (LINE, {"tz": "Europe/Berlin"}),
    ],
    ids=["ends with a piece", "has a header", "local times"],
)
def test_lines_that_depend_on_those_above_are_not_joined_to_another_file(
    tmp_path: Path, one: str, options: dict[str, str]
) -> None:
    for name in "ab":
        (tmp_path / name).write_text(f"{one}\n{one}\n")
    assert len(list(joined(plan_batches(tmp_path, **options)))) == 2
