"""An engineer opens JupyterLab, runs `triage`, sees what happened, explores; nothing leaves the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READY = """async () => {
  const notebook = window.jupyterapp?.shell?.currentWidget;
  if (!notebook?.sessionContext) return false;
  await notebook.context.ready;
  await notebook.sessionContext.ready;
  const kernel = notebook.sessionContext.session?.kernel;
  if (!kernel) return false;
  await kernel.info;
  return kernel.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
CLEAR = "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
RUN = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"  # awaiting it would deadlock
DONE = """() => {
  const notebook = window.jupyterapp.shell.currentWidget;
  const cells = notebook.content.model.cells;
  for (let at = 0; at < cells.length; at++) {
    const cell = cells.get(at);
    if (cell.type === 'code' && cell.sharedModel.source.trim() && !cell.executionCount) return false;
  }
  return notebook.sessionContext.session.kernel.status === 'idle';
}"""
ERRORS = """() => {
  const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
  const outputs = [...Array(cells.length).keys()].flatMap(at => cells.get(at).outputs?.toJSON() ?? []);
  return outputs.filter(output => output.output_type === 'error').map(output => output.evalue);
}"""
BREAK = """async () => {
  const code = 'from incident_kit.reports.explorer import pictures; pictures.red_picture = None';
  await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({code}).done;
}"""
PICTURE = ".widget-image"
PATIENCE_MS = 180_000


def run_all(page: Any) -> None:
    page.wait_for_function(READY, timeout=PATIENCE_MS, polling=200)
    page.evaluate(CLEAR)
    page.evaluate(RUN)
    page.wait_for_function(DONE, timeout=PATIENCE_MS, polling=200)


def changed(page: Any, act: Callable[[], Any]) -> None:
    """Do something and wait until the explorer's first picture is another one."""
    before = page.locator(PICTURE).first.get_attribute("src")
    act()
    page.wait_for_function(
        "before => document.querySelector('.widget-image')?.getAttribute('src') !== before",
        arg=before,
        timeout=PATIENCE_MS,
    )


def test_triage_runs_and_the_explorer_answers(lab: Any) -> None:
    lab.open("triage.ipynb")
    page = lab.page
    run_all(page)
    assert page.evaluate(ERRORS) == []
    page.locator(".ik-verdict").first.wait_for(state="attached", timeout=PATIENCE_MS)
    page.locator(".jp-OutputArea-output img").first.wait_for(timeout=PATIENCE_MS)
    page.locator(PICTURE).first.scroll_into_view_if_needed(timeout=PATIENCE_MS)
    menus = page.locator(".widget-dropdown select")
    assert menus.nth(0).input_value() == "GET /cart/{id}"  # what the incident is about
    changed(page, lambda: menus.nth(0).select_option(label="(all)"))
    changed(page, lambda: menus.nth(1).select_option(index=1))
    page.locator(".widget-select select option").nth(1).click()
    page.locator(PICTURE).nth(1).wait_for(timeout=PATIENCE_MS)
    page.evaluate(BREAK)
    menus.nth(0).select_option(index=1)
    said = page.locator(".widget-output").get_by_text("is not callable")
    said.first.wait_for(timeout=PATIENCE_MS)
    page.locator(PICTURE).first.wait_for(state="hidden", timeout=PATIENCE_MS)
    assert lab.script_errors == []
    assert lab.outside_requests == []


def test_a_misspelt_parameter_shows_one_sentence(lab: Any) -> None:
    lab.open("triage.ipynb")
    page = lab.page
    page.wait_for_function(READY, timeout=PATIENCE_MS, polling=200)
    page.evaluate(
        """() => {
          const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
          for (let at = 0; at < cells.length; at++) {
            const shared = cells.get(at).sharedModel;
            if (shared.source.startsWith('access_log: ')) shared.source = 'a' + shared.source.slice(2);
          }
        }"""
    )
    page.evaluate(RUN)
    page.wait_for_function(f"() => ({ERRORS})().length > 0", timeout=PATIENCE_MS, polling=200)
    assert page.evaluate(ERRORS)[0] == "triage has no parameter acess_log; did you mean access_log?"
