"""Pages as a reader has them: rendered by a real Chromium, on a desk, on a phone, on paper."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from matplotlib.figure import Figure

from incident_kit.reports.notebooks.bundle import notebook_path
from incident_kit.reports.notebooks.parameters import NOTEBOOKS
from incident_kit.reports.pages.export import to_html
from incident_kit.reports.pages.pdf import FLAGS, browser, to_pdf

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(browser() is None, reason="there is no Chromium; install it or name it in CHROME_BIN"),
]
PRINTED_PX = (297 - 2 * 16) / 25.4 * 96  # the height of A4 between its margins
WIDTHS = {"desk": 1280, "phone": 390}

# What a reader would call broken: the page scrolls sideways, a picture is empty, a table is cut without a way
# to scroll it, text is so wide that it leaves what holds it.
BROKEN = """() => {
  const page = document.documentElement;
  const broken = [];
  if (page.scrollWidth > page.clientWidth) broken.push(`the page is ${page.scrollWidth} wide`);
  for (const image of document.images)
    if (!image.complete || image.naturalWidth < 50 || image.naturalHeight < 20)
      broken.push('an empty picture');
  for (const held of document.querySelectorAll('p, li, h1, h2, dd, pre, td'))
    if (held.scrollWidth > held.clientWidth + 1) broken.push(held.textContent.slice(0, 60));
  for (const table of document.querySelectorAll('table'))
    if (getComputedStyle(table.closest('.wide') ?? page).overflowX !== 'auto') broken.push('a table is cut');
  return broken;
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name in NOTEBOOKS:
        book = nbformat.read(notebook_path(name), as_version=4)
        (folder / f"{name}.html").write_text(to_html(book), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in NOTEBOOKS}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=browser(), args=list(FLAGS[1:]))
        yield opened
        opened.close()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_nothing_is_cut_or_empty(chromium: Any, pages: dict[str, Path], width: int) -> None:
    for name, path in pages.items():
        asked: list[str] = []
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.goto(path.as_uri())
        assert page.evaluate(BROKEN) == [], name
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        page.close()


def test_a_tall_picture_is_printed_on_one_page(chromium: Any, tmp_path: Path) -> None:
    figure = Figure(figsize=(9.6, 24))
    figure.savefig(tmp_path / "tall.png")
    png = base64.b64encode((tmp_path / "tall.png").read_bytes()).decode("ascii")
    output = nbformat.v4.new_output("execute_result", data={"image/png": png}, execution_count=1)
    cell = nbformat.v4.new_code_cell("draw()", outputs=[output])
    (tmp_path / "tall.html").write_text(to_html(nbformat.v4.new_notebook(cells=[cell])), encoding="utf-8")
    page = chromium.new_page()
    page.emulate_media(media="print")
    page.goto((tmp_path / "tall.html").as_uri())
    width, height = page.evaluate("[document.images[0].width, document.images[0].height]")
    page.close()
    assert height < PRINTED_PX
    assert width / height == pytest.approx(9.6 / 24, rel=0.01)


def test_a_page_prints(pages: dict[str, Path], tmp_path: Path) -> None:
    printed = tmp_path / "triage.pdf"
    assert to_pdf(pages["triage"], printed)
    written = printed.read_bytes()
    assert written.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", written)) >= 3


def test_without_a_browser_there_is_no_pdf_and_no_error(
    pages: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROME_BIN", str(tmp_path / "gone"))
    assert not to_pdf(pages["triage"], tmp_path / "none.pdf")
    assert not list(tmp_path.iterdir())
