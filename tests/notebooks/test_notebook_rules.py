"""The notebooks keep the house rules: questions, short cells, typed parameters, stored outputs."""

from __future__ import annotations

import ast
import base64
import re
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from papermill import inspect_notebook

from incident_kit.reports.notebooks.bundle import notebook_path
from incident_kit.reports.notebooks.completion import MIME
from incident_kit.reports.notebooks.parameter_check import parameters_of
from incident_kit.reports.notebooks.parameters import NOTEBOOKS
from incident_kit.reports.notebooks.tidy import tidy, to_bytes
from incident_kit.reports.pages.export import ONLY_IN_NOTEBOOK

LONGEST_CELL = 12
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda, ast.Try, ast.If)
SAMPLE_CLIENT = re.compile(r"\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d")
PATH_OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:home|root|tmp|work|Users|var/folders)/")


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(notebook_path(name), as_version=4)


def code_cells(name: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


def outputs(name: str) -> Iterator[dict[str, Any]]:
    for cell in code_cells(name):
        yield from (output.get("data", {}) for output in cell.outputs)


pytestmark = pytest.mark.parametrize("name", NOTEBOOKS)


def test_every_file_is_a_notebook_of_the_kit(name: str) -> None:
    there = {path.stem for path in notebook_path(name).parent.glob("*.ipynb")}
    assert there == set(NOTEBOOKS)


def test_cells_are_short_and_define_nothing(name: str) -> None:
    for cell in code_cells(name):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert len(lines) <= LONGEST_CELL, cell.source
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, FORBIDDEN)]


def test_every_heading_is_a_question_but_that_of_the_verdict(name: str) -> None:
    cells = read(name).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    assert cells[0].source.startswith("# ")
    assert [text for text in headings if not text.endswith("?")] == ["The verdict"]


def test_the_parameters_cell_is_tagged_typed_explained_and_agrees_with_its_check(name: str) -> None:
    tagged = [cell for cell in code_cells(name) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    statements = ast.parse(tagged[0].source).body
    assert all(isinstance(statement, ast.AnnAssign) for statement in statements)
    assert all("  # " in line for line in tagged[0].source.splitlines())
    model = parameters_of(name)
    defaults = {st.target.id: ast.literal_eval(st.value) for st in statements}  # type: ignore[attr-defined]
    further = set(model.model_fields) - set(defaults)
    prose = next(
        cell.source for cell in read(name).cells if ONLY_IN_NOTEBOOK in cell.metadata.get("tags", [])
    )
    assert all(f"`{parameter}`" in prose for parameter in further)
    assert model(**defaults) == model()


def test_whoever_changes_a_parameter_is_told_to_run_all_cells(name: str) -> None:
    cells = read(name).cells
    told = [cell.source for cell in cells if ONLY_IN_NOTEBOOK in cell.metadata.get("tags", [])]
    assert "run all cells" in " ".join(told)


def test_papermill_reads_every_parameter_with_its_help(name: str, caplog: pytest.LogCaptureFixture) -> None:
    inferred = inspect_notebook(str(notebook_path(name)))
    tagged = next(cell for cell in code_cells(name) if "parameters" in cell.metadata.get("tags", []))
    assert len(inferred) == len(tagged.source.splitlines())
    assert all(parameter["help"] for parameter in inferred.values())
    assert not caplog.records


def test_no_code_cell_is_without_its_output(name: str) -> None:
    for number, cell in enumerate(code_cells(name), start=1):
        assert cell.execution_count == number, f"run `make notebooks`: {cell.source}"
        last = ast.parse(cell.source).body[-1]
        draws = (
            isinstance(last, ast.Assign)
            and isinstance(last.targets[0], ast.Name)
            and last.targets[0].id == "_"
        )
        assert cell.outputs or (isinstance(last, ast.Assign | ast.AnnAssign) and not draws), cell.source


def test_nothing_of_the_run_is_stored(name: str) -> None:
    stored = notebook_path(name).read_bytes()
    assert stored == to_bytes(tidy(read(name)))
    assert b"papermill" not in b"".join(str(cell.metadata).encode() for cell in read(name).cells)
    assert not PATH_OF_A_MACHINE.search(stored.decode())


def test_it_ends_with_its_verdict(name: str) -> None:
    last = code_cells(name)[-1].outputs[-1].data
    assert last[MIME]["notebook"] == name
    assert last[MIME]["answer"] in last["text/plain"]


def test_pictures_are_not_blank(name: str) -> None:
    pictures = [data["image/png"] for data in outputs(name) if "image/png" in data]
    assert pictures
    for picture in pictures:
        assert _inks(base64.b64decode(picture)) > 8


def _inks(png: bytes) -> int:
    """Return how many different colours a picture has."""
    from io import BytesIO

    import numpy as np
    from matplotlib.image import imread

    pixels = np.ascontiguousarray((255 * imread(BytesIO(png))).astype(np.uint8))
    return len(np.unique(pixels.view(np.uint32)))


def test_no_address_of_a_client_is_stored(name: str) -> None:
    assert not SAMPLE_CLIENT.search(notebook_path(name).read_text(encoding="utf-8"))
