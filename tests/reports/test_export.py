"""The page is one file that loads nothing, lets nothing act, and shows everything."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest

from incident_kit.reports.notebooks.tidy import tidy, to_bytes
from incident_kit.reports.pages.export import to_html
from incident_kit.reports.pages.index_page import Entry, Link, Skipped, index_html
from incident_kit.reports.pages.unbroken import unbroken
from incident_kit.reports.prose.calm import is_calm
from incident_kit.reports.prose.verdict import Verdict
from incident_kit.sensitive import mask_secrets

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x.png" onerror="alert(2)"><b>kept</b>'
REMOTE = re.compile(
    r"""(?:src|href|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//|url\(\s*['"]?(?:https?:)?//|@import"""
)
ACTS = re.compile(r"<script|<iframe|<object|<embed|<form|<svg|\son\w+\s*=|javascript:", re.IGNORECASE)


def output(**data: str) -> nbformat.NotebookNode:
    bundle = {name.replace("_", "/"): value for name, value in data.items()}
    return nbformat.v4.new_output("execute_result", data=bundle, execution_count=1)


@pytest.fixture
def book() -> nbformat.NotebookNode:
    code = nbformat.v4.new_code_cell("found  # the diagnosis", execution_count=1)
    code.outputs = [output(text_html=HOSTILE, text_plain="x"), output(image_png=PIXEL, text_plain="<Figure>")]
    code.outputs.append(nbformat.v4.new_output("stream", name="stdout", text="token=s3cret <b>\x1b[31m"))
    code.outputs.append(nbformat.v4.new_output("display_data", data={"application/javascript": "alert(3)"}))
    cells = [
        nbformat.v4.new_markdown_cell("# A report\n\nProse."),
        nbformat.v4.new_markdown_cell(
            "## What was read?\n\n<script>alert(4)</script>![](http://evil.example/y.png)"
        ),
        code,
        nbformat.v4.new_markdown_cell("## When did it *begin*?"),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_nothing_in_the_page_acts_or_loads(book: nbformat.NotebookNode) -> None:
    page = to_html(book)
    assert not ACTS.search(page)
    assert not REMOTE.search(page)
    assert "alert(3)" not in page


def test_what_is_harmless_stays(book: nbformat.NotebookNode) -> None:
    page = to_html(book)
    assert "<b>kept</b>" in page
    assert f"data:image/png;base64,{PIXEL}" in page


def test_a_picture_is_described_by_the_question_above_it(book: nbformat.NotebookNode) -> None:
    assert 'alt="What was read?"' in to_html(book)


def test_code_is_folded_and_there(book: nbformat.NotebookNode) -> None:
    page = to_html(book)
    assert page.count('<details class="source">') == 1
    assert "the diagnosis" in page


def test_every_entry_of_the_contents_leads_to_its_heading(book: nbformat.NotebookNode) -> None:
    page = to_html(book)
    anchors = re.findall(r'<li><a href="#([^"]+)"', page)
    assert len(anchors) == 2
    assert all(f'id="{anchor}"' in page for anchor in anchors)


def test_the_policy_forbids_what_a_bug_might_let_through(book: nbformat.NotebookNode) -> None:
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in to_html(book)


def test_a_tidy_notebook_is_masked_and_without_run_metadata(book: nbformat.NotebookNode) -> None:
    book.metadata["papermill"] = {"start_time": "2026-01-31", "input_path": "/home/ann/secret"}
    book.cells[2].metadata["papermill"] = {"duration": 1.5}
    stored = to_bytes(tidy(book, mask_secrets))
    assert b"s3cret" not in stored
    assert b"papermill" not in stored
    assert stored == to_bytes(tidy(nbformat.reads(stored.decode(), as_version=4), mask_secrets))


def test_the_sources_of_a_notebook_stay_except_injected_values(book: nbformat.NotebookNode) -> None:
    book.cells[2].source = "rows.sort(key=name)"
    assert tidy(book, mask_secrets).cells[2].source == "rows.sort(key=name)"
    book.cells[2].metadata["tags"] = ["injected-parameters"]
    book.cells[2].source = 'access_log = "s3://ann:hunter2@host/log"'
    assert "hunter2" not in tidy(book, mask_secrets).cells[2].source


def test_the_index_tells_each_answer_and_links_to_its_page() -> None:
    verdict = {
        "answer": "Nothing <happened>.",
        "inputs": {"requests": 2, "spans": 0, "first": None},
        "targets": {"latency_quantile": 0.99},
        "verdicts": [
            {"target": "latency_quantile", "value": 312.0, "verdict": "breached"},
            {"target": "error_rate", "value": 0.0004, "verdict": "met"},
        ],
    }
    page = index_html([Entry("error_spike", "What fails?", verdict, [Link("error_spike.ipynb", "notebook")])])
    assert "Nothing &lt;happened&gt;." in page
    assert 'href="error_spike.html"' in page
    assert "latency (p99)" in page
    assert "312 ms" in page
    assert "0.04 %" in page
    assert not ACTS.search(page)
    assert not REMOTE.search(page)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("from 2026-11-24 18:56:08 to 19:02:45 UTC", ["2026-11-24 18:56:08"]),
        ("(6 min 37 s), mostly <b>GET /x</b>: 1,905 bad", ["6 min 37 s"]),
        ("94 % (93.75 % to 94.24 %); 0.62 ms", ["94 %", "93.75 %", "94.24 %", "0.62 ms"]),
        ('<a title="12 ms">v1.2 s3 7 minutes, x-5 ms</a>', []),
        ("took 5 ms &lt;b&gt;", ["5 ms"]),
    ],
)
def test_no_line_of_a_page_ends_within_a_time_or_an_amount(text: str, kept: list[str]) -> None:
    shown = unbroken(text)
    assert re.findall(r'<span class="ik-whole">([^<]*)</span>', shown) == kept
    assert re.sub(r'</?span(?: class="ik-whole")?>', "", shown) == text


def test_the_index_shows_no_targets_where_each_report_read_its_own_data() -> None:
    verdicts = [
        {"answer": "", "inputs": {"requests": number, "spans": 0}, "verdicts": []} for number in (1, 2)
    ]
    page = index_html([Entry(f"n{number}", "", verdict) for number, verdict in enumerate(verdicts)])
    assert "its own data" in page
    assert "<table" not in page


def test_the_index_says_why_a_page_is_not_there() -> None:
    page = index_html([], [Skipped("compare_releases", "Worse?", "One rollup <cannot> be split.")])
    assert "<h3>Worse?</h3>" in page
    assert "Left out: One rollup &lt;cannot&gt; be split." in page


@pytest.mark.parametrize(
    ("document", "calm"),
    [
        ({"incidents": []}, False),
        ({"incidents": [], "verdicts": [{"verdict": "not enough data"}]}, False),
        ({"incidents": [], "verdicts": [{"verdict": "met"}]}, True),
        ({"incidents": [], "verdicts": [{"verdict": "breached"}]}, False),
        ({"incidents": [], "verdicts": [{"verdict": "met"}], "findings": [{"priority": "security"}]}, True),
        (
            {"incidents": [], "verdicts": [{"verdict": "met"}], "findings": [{"priority": "reliability"}]},
            False,
        ),
        ({"incidents": [{"kind": "errors"}]}, False),
        ({"passed": True}, True),
        ({"passed": False}, False),
        ({}, False),
    ],
)
def test_only_a_page_that_tells_of_nothing_wrong_is_calm(document: dict[str, Any], calm: bool) -> None:
    assert is_calm(document) is calm
    shown = Verdict({"answer": "x", **document})._repr_mimebundle_()["text/html"]
    assert ("calm" in shown) is calm
