"""A table shows units, times with their zone, and cells that are only text."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.target_words import TARGETS, in_words
from incident_kit.reports.pages.clean import clean_fragment
from incident_kit.reports.prose.cells import MAX_CHARACTERS
from incident_kit.reports.prose.tables import MAX_ROWS, table


def cells(**columns: object) -> list[str]:
    return table(pl.DataFrame(columns)).cells()[0]


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"p95_ms": [1234.5]}, "1.23 s"),
        ({"recovery_s": [396.0]}, "6 min 36 s"),
        ({"share": [0.925]}, "92.5 %"),
        ({"error_rate": [0.00123]}, "0.123 %"),
        ({"requests": [36210]}, "36,210"),
        ({"requests_per_s": [40.25]}, "40.2"),
        ({"status": [503]}, "503"),
        ({"stated": [True]}, "yes"),
        ({"start": [datetime(2026, 1, 31, 10, tzinfo=UTC)]}, "2026-01-31 10:00:00 UTC"),
    ],
)
def test_a_cell_is_written_with_its_unit(columns: dict[str, object], text: str) -> None:
    assert cells(**columns) == [text]


@pytest.mark.parametrize(
    ("column", "head"),
    [
        ("p95_ms", "p95"),
        ("recovery_s", "recovery"),
        ("requests_per_s", "requests per s"),
        ("low", "at least"),
    ],
)
def test_a_heading_is_in_words_without_the_unit_that_cells_tell(column: str, head: str) -> None:
    assert repr(table(pl.DataFrame({column: [0.5]}))).splitlines()[0] == head


def test_times_show_in_the_zone_that_is_asked_for() -> None:
    frame = pl.DataFrame({"start": [datetime(2026, 1, 31, 10, tzinfo=UTC)]})
    assert table(frame, tz="Asia/Tokyo").cells() == [["2026-01-31 19:00:00 JST"]]


def test_cells_cannot_act_and_long_ones_are_cut() -> None:
    shown = table(pl.DataFrame({"raw": ["<script>alert(1)</script>\x1b[31m", "x" * 1000]}))
    assert "<script>" not in shown._repr_html_()
    assert "\x1b" not in repr(shown)
    assert len(shown.cells()[1][0]) == MAX_CHARACTERS


def test_commands_in_our_advice_are_code_and_a_logs_backticks_are_not() -> None:
    shown = table(pl.DataFrame({"verify": ["Run `incident-kit compare` <now>."], "route": ["/`id`"]}))
    assert "Run <code>incident-kit compare</code> &lt;now&gt;." in shown._repr_html_()
    assert "/`id`" in shown._repr_html_()


def test_many_rows_are_cut_and_counted() -> None:
    shown = table(pl.DataFrame({"n": range(MAX_ROWS + 9)}))
    assert len(shown.cells()) == MAX_ROWS
    assert "and 9 more rows" in shown._repr_html_()
    assert shown.frame.height == MAX_ROWS + 9


def test_a_frame_of_pandas_is_shown_like_one_of_polars() -> None:
    frame = pl.DataFrame({"route": ["/x"], "p95_ms": [42.0]})
    assert repr(table(frame.to_pandas())) == repr(table(frame))


def test_a_short_text_keeps_to_its_line_and_a_long_one_may_be_broken() -> None:
    shown = table(pl.DataFrame({"between": ["0.161 pp to 0.224 pp"], "where": ["/x" * 40]}))._repr_html_()
    assert '<td class="ik-text ik-words" style="text-align: left">0.161 pp to 0.224 pp</td>' in shown
    assert f'<td class="ik-text" style="text-align: left">{"/x" * 40}</td>' in shown


def test_words_begin_on_the_left_in_jupyterlab_and_a_page_has_its_own_style() -> None:
    shown = table(pl.DataFrame({"route": ["/x"], "requests": [3]}), "Counted")._repr_html_()
    assert '<th class="ik-text ik-words" style="text-align: left">route</th>' in shown
    assert '<td class="ik-number">3</td>' in shown
    assert "style" not in clean_fragment(shown)


def test_columns_of_nothing_are_left_out_and_no_rows_are_said() -> None:
    assert table(pl.DataFrame({"a": [1], "b": [None]})).frame.columns == ["a"]
    assert "nothing to show" in table(pl.DataFrame({"a": []}))._repr_html_()
    assert repr(table(pl.DataFrame({"a": []}), nothing="No call failed.")) == "No call failed."


def test_every_target_that_is_judged_has_words(found: Diagnosis) -> None:
    assert set(found.verdicts["target"]) == set(TARGETS)


def test_a_target_is_written_in_its_own_unit() -> None:
    row = {"target": "latency_quantile", "value": 344.5, "low": 320.0, "high": 362.0, "objective": 200.0}
    words = in_words([{**row, "verdict": "breached"}], 0.95).row(0, named=True)
    assert words["target"] == "latency (p95)"
    assert words["measured"] == "344 ms"
    assert words["between"] == "320 ms to 362 ms"
    assert words["goal"] == "at most 200 ms"


def test_what_is_not_known_is_left_blank() -> None:
    row = {
        "target": "recovery",
        "value": None,
        "low": None,
        "high": float("nan"),
        "verdict": "not enough data",
    }
    assert in_words([row], 0.95).row(0) == ("recovery", "not enough data", "", "", "")
