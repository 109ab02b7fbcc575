"""`notebooks` lists the set and copies it to be edited."""

from pathlib import Path

import pytest

from incident_kit.reports.notebooks.parameters import NOTEBOOKS


def test_every_notebook_is_listed_with_its_question(incident_kit) -> None:
    listed = incident_kit("notebooks").stdout
    for name, parameters in NOTEBOOKS.items():
        assert name in listed
        assert parameters.question in listed


def test_copies_are_the_notebooks_and_are_never_overwritten_unasked(incident_kit, tmp_path: Path) -> None:
    assert incident_kit("notebooks", "copy", tmp_path / "mine").returncode == 0
    copies = sorted(path.stem for path in (tmp_path / "mine").glob("*.ipynb"))
    assert copies == sorted(NOTEBOOKS)
    edited = tmp_path / "mine" / f"{copies[0]}.ipynb"
    edited.write_text("edited", encoding="utf-8")
    refused = incident_kit("notebooks", "copy", tmp_path / "mine")
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert edited.read_text(encoding="utf-8") == "edited"
    assert incident_kit("notebooks", "copy", tmp_path / "mine", "--replace").returncode == 0
    assert edited.read_text(encoding="utf-8") != "edited"


@pytest.mark.slow
def test_lab_copies_the_set_once_and_passes_options_on(incident_kit, tmp_path: Path) -> None:
    opened = incident_kit("lab", tmp_path / "mine", "--", "--version")
    assert opened.returncode == 0, opened.stderr
    assert opened.stdout[0].isdigit()
    assert sorted(path.stem for path in (tmp_path / "mine").glob("*.ipynb")) == sorted(NOTEBOOKS)
