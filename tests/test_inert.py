"""Text from a log is shown and cannot act."""

from __future__ import annotations

import html
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit import inert
from incident_kit.reports.prose.advice import Advice
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.reports.prose.tables import table
from tests.laws import examples

ESCAPE, OVERRIDE, BELL = "\x1b", "\u202e", "\x07"
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[click](javascript:alert(1))",
    "![](http://evil.example/pixel.png)",
    "=HYPERLINK(0)",
    f"{ESCAPE}]0;owned{BELL}",
    f"/admin{OVERRIDE}gpj.exe",
    "$\\undefined$",
    "`rm -rf`",
    "| a | b |",
    "http://evil.example/pixel",
    "www.evil.example",
    "mallory@evil.example",
    "_emphasis_ and __strong__ and snake_case",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_html_holds_no_tag_and_no_quote_that_closes(attack: str) -> None:
    shown = inert.for_html(attack)
    assert not set("<>\"'") & set(shown)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_renders_as_the_text_itself(attack: str) -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    page = markdown2html_mistune(f"before {inert.for_markdown(attack)} after")
    assert page.count("<") == 2, page  # the paragraph's own two tags
    assert html.unescape(page).strip() == f"<p>before {inert.escape_controls(attack)} after</p>"


@pytest.mark.parametrize(
    "formula", ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "  =1", "\r=1"]
)
def test_a_spreadsheet_computes_nothing(formula: str) -> None:
    assert inert.for_csv(formula).startswith("'")


def test_an_ordinary_cell_stays_as_it_is() -> None:
    assert inert.for_csv("GET /users/{id}") == "GET /users/{id}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{ESCAPE}[31mred", r"\x1b[31mred"),
        (f"a{OVERRIDE}b", r"a\u202eb"),
        ("a\u200bb", r"a\u200bb"),
        ("a\r\nb", r"a\r\nb"),
        ("a\u2028b", r"a\u2028b"),
        ("\ud800", r"\ud800"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("e" + "\u0301" * 8 + "x", "e" + "\u0301" * 8 + "x"),
        ("e" + "\u0301" * 10 + "x", "e" + "\u0301" * 8 + r"\u0301\u0301x"),
        ("שָׁ֑לוֹם, क्षत्रिय, ❤️", "שָׁ֑לוֹם, क्षत्रिय, ❤️"),
    ],
)
def test_a_terminal_shows_controls_and_does_not_obey(text: str, shown: str) -> None:
    assert inert.for_terminal(text) == shown


@given(st.text())
@examples(200)
def test_nothing_that_acts_survives_in_any_of_them(text: str) -> None:
    for make in (inert.for_terminal, inert.for_html, inert.for_markdown, inert.for_csv, inert.for_figure):
        assert not set(make(text)) & {ESCAPE, OVERRIDE, BELL, "\x00", "\u2028"}


@given(st.text(alphabet=st.characters(categories=["L", "N"])))
@examples(100)
def test_words_stay_words(text: str) -> None:
    assert inert.for_html(text) == text
    assert inert.for_terminal(text) == text


def test_a_figure_draws_dollars_instead_of_typesetting() -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    figure.text(0.1, 0.1, inert.for_figure("$\\undefined{$ /pay"))
    figure.canvas.draw()


@pytest.mark.parametrize(
    "shown",
    [
        Sentences(("one $x$",)),
        Sentences(("one $x$", "two")),
        table(pl.DataFrame({"name": ["$x$ or \\(y\\)"]})),
        table(pl.DataFrame({"name": []}), nothing="none of $x$"),
        Advice((), "none of $x$"),
    ],
    ids=["sentence", "sentences", "table", "empty table", "no advice"],
)
def test_jupyterlab_typesets_no_formula_in_what_a_notebook_shows(shown: Any) -> None:
    opening = shown._repr_html_().partition(">")[0]
    assert inert.NO_FORMULA_CLASS in opening.partition('class="')[2].partition('"')[0].split()
