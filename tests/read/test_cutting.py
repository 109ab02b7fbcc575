"""Lines are cut at the places of their quotes: no text is lost, and what goes together is read as one."""

from __future__ import annotations

from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.read.access_log import read_access_log
from incident_kit.read.cutting import cut_lines
from incident_kit.read.cutting.cut_lines import cut
from incident_kit.read.cutting.joining import join, unseen_probability
from incident_kit.read.cutting.pieces import Piece
from incident_kit.read.cutting.segments import Segment, segments_of
from incident_kit.read.cutting.slots import Slot
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.marks import find_marks
from incident_kit.read.sources.scan import AT_ONCE
from incident_kit.read.values.kinds import CLF_TIME, STATUS
from tests.laws import examples

TIME = "[10/Oct/2026:13:55:36 +0000]"
CLIENT = Piece((Slot("client"), " [", Slot("time", CLF_TIME), "] "))
REQUEST = Piece((Slot("request", quoted=True),))
ANSWER = Piece((" ", Slot("status", STATUS), " ", Slot("bytes")))
PIECES = (CLIENT, REQUEST, ANSWER)
LINE = f'10.0.0.1 {TIME} "GET / HTTP/1.1" 200 612'


def block_of(*lines: str) -> Block:
    return Block("some.log", 1, "".join(f"{line}\n" for line in lines).encode())


def texts(block: Block) -> list[tuple[str, ...]]:
    return list(zip(*(column.to_list() for column in cut(block, 2, segments_of(PIECES)).texts), strict=True))


def test_pieces_are_cut_where_fixed_widths_end_so_that_what_repeats_stands_alone() -> None:
    assert texts(block_of(LINE)) == [("10.0.0.1", f" {TIME} ", '"GET / HTTP/1.1', '" 200 ', "612")]


def test_text_without_values_is_cut_off_from_nothing() -> None:
    sized = Piece((*ANSWER.parts, " "))
    assert [piece.parts for piece in sized.divisions] == [ANSWER.parts[:3], (Slot("bytes"), " "), ()]


@pytest.mark.parametrize("used", [(), ("$client",), ("$user",), ("$client", "$user")])
def test_only_the_values_that_are_used_are_cut_out(used: tuple[str, ...]) -> None:
    segment = Segment((Piece((Slot("client"), " - ", Slot("user"))),), 0)
    found = segment.take_apart(pl.Series(["10.0.0.1 - ann", "10.0.0.1"]), used)
    assert found["proven"].to_list() == [True, False]
    assert found.columns == ["proven", *used]
    assert found.row(0)[1:] == tuple({"$client": "10.0.0.1", "$user": "ann"}[name] for name in used)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("", id="no quotes"),
        pytest.param('"', id="too few quotes"),
        pytest.param(LINE + '"', id="too many quotes"),
        pytest.param('x "GET / HTTP/1.1" 200 612', id="shorter than the time before a quote"),
        pytest.param(LINE.removesuffix(" 200 612"), id="shorter than the status after a quote"),
        pytest.param(LINE.removesuffix("00 612"), id="ends within the status"),
        pytest.param(LINE.replace(" 200 6", " 200é6"), id="a character where the status should end"),
        pytest.param(LINE.replace(".1 [1", ".é[1"), id="a character where the time should begin"),
    ],
)
def test_lines_that_cannot_be_cut_are_left_and_cost_their_neighbours_nothing(other: str) -> None:
    assert cut(block_of(LINE, other, LINE), 2, segments_of(PIECES)).rows.tolist() == [0, 2]
    assert texts(block_of(LINE, other, LINE)) == texts(block_of(LINE, LINE))


def test_characters_of_several_bytes_are_kept_whole() -> None:
    [found] = texts(block_of(LINE.replace("10.0.0.1", "käse").replace("GET /", "GET /ü→🦀")))
    assert found[0] == "käse"
    assert found[2] == '"GET /ü→🦀 HTTP/1.1'


@examples(60)
@given(st.lists(st.text(st.sampled_from('"aé \U0001f980'), max_size=9), min_size=1, max_size=9))
def test_the_texts_of_a_line_are_the_line(lines: list[str]) -> None:
    block = block_of(*lines)
    for quotes in range(4):
        segments = segments_of([REQUEST] * (quotes + 1))
        found = cut(block, quotes, segments)
        whole = pl.select(pl.concat_str(found.texts)).to_series().to_list()
        assert found.rows.tolist() == [row for row, line in enumerate(lines) if line.count('"') == quotes]
        assert whole == [lines[row] for row in found.rows]


def test_texts_are_the_same_however_many_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    block = block_of(*(LINE.replace("612", str(number)) for number in range(50)))
    whole = texts(block)
    monkeypatch.setattr(cut_lines, "TEXTS_AT_ONCE", 40)
    assert texts(block) == whole
    assert len(whole) == 50


def test_marks_are_found_across_the_stretches_that_are_looked_at_at_once() -> None:
    data = (b"x" * (AT_ONCE - 1) + b'"\n') * 3
    marks = find_marks(data)
    assert marks.places.tolist() == [-1] + [place for place, byte in enumerate(data) if byte in b'"\n']
    assert marks.line_ends.tolist() == [place for place, byte in enumerate(data) if byte in b"\n"]


def free(name: str) -> Segment:
    return Segment((Piece((Slot(name),)),), 1)


def column(count: int, values: int, seed: int = 0) -> pl.Series:
    chance = Random(seed)
    return pl.Series([str(chance.randrange(values)) for _ in range(count)])


def test_segments_that_vary_together_are_read_as_one_and_those_that_vary_freely_apart() -> None:
    server, agent, size = column(4_000, 5), column(4_000, 8, seed=1), column(4_000, 3_000, seed=2)
    joined = join([free("server"), free("agent"), free("size")], [server, agent, size])
    assert [segment.names for segment in joined] == [["$server", "$agent"], ["$size"]]


def test_a_part_of_a_piece_is_never_joined() -> None:
    segments = segments_of(PIECES)
    same = pl.Series(["same"] * 100)
    assert [len(segment.pieces) for segment in join(segments, [same] * len(segments))] == [1] * len(segments)


@pytest.mark.parametrize(
    ("values", "share"), [([], 0.0), (["a"] * 9, 0.0), (list("abc"), 1.0), (["a", "a", "b", "c"], 0.5)]
)
def test_the_share_of_unseen_rows_is_that_of_rows_that_occur_once(values: list[str], share: float) -> None:
    assert unseen_probability(pl.Series("x", values, dtype=pl.String).to_frame()) == share


def test_what_is_read_does_not_depend_on_what_is_read_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Random(4)
    form = (
        '10.0.0.{} - - [10/Oct/2026:13:55:{} +0000] "GET /{} HTTP/1.1" {} 7 "{}" "{}" '
        'rt=0.{} urt="0.{}" ua="{}" us="{}"\n'
    )
    log = tmp_path / "access.log"
    log.write_text(
        "".join(
            form.format(
                *(chance.randrange(10, 60) for _ in range(3)),
                chance.choice([200, 503]),
                chance.choice(["-", "a b"]),
                chance.choice(["curl", "käse", "x\\x22y"]),
                *(chance.randrange(9) for _ in range(2)),
                chance.choice(["10.1.0.1:80", "10.1.0.2:80, 10.1.0.3:80", "-"]),
                chance.choice(["200", "502, 200"]),
            )
            for _ in range(3_000)
        )
    )
    as_chosen = read_access_log(log)
    for most in (-1.0, 1.0):
        monkeypatch.setattr("incident_kit.read.cutting.joining.MAX_UNSEEN", most)
        assert_frame_equal(read_access_log(log).requests, as_chosen.requests)
