"""What is read exactly takes its place among what is read fast."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.read.batches import Batch
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import find_formats
from incident_kit.read.rests import completed
from incident_kit.read.sources.block import Block

FAST = '10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /{} HTTP/1.1" 200 612 "-" "curl"'
EXACT = FAST.replace("curl", r"a \"curl\"")
KINDS = {"fast": FAST, "exact": EXACT, "rejected": "no request"}


@given(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=30))
def test_every_line_stands_where_it_stood(kinds: list[str]) -> None:
    lines = [KINDS[kind].format(number) for number, kind in enumerate(kinds, start=1)]
    block = Block("access.log", 1, "".join(f"{line}\n" for line in lines).encode())
    batch = Batch(block, (), Reader(find_formats("nginx_combined")))
    (log,) = completed([batch.begin()])
    whole = batch.read()
    assert_frame_equal(log.requests, whole.requests)
    assert_frame_equal(log.rejected, whole.rejected)
