"""`--version` says what is installed; what breaks says so."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import typer

from incident_kit.cli.main import _say_version
from incident_kit.reports.notebooks import bundle
from tests.cli.sentences import UNUSABLE


def test_the_version_is_that_of_the_package(incident_kit) -> None:
    asked = incident_kit("--version")
    assert (asked.returncode, asked.stdout) == (0, f"incident-kit {version('incident-kit')}\n")


def test_a_checkout_that_is_not_installed_says_so(monkeypatch, capsys) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(bundle, "version", absent)
    with pytest.raises(typer.Exit):
        _say_version(True)
    assert capsys.readouterr().out == "incident-kit (from a checkout)\n"


def test_a_fault_of_the_kit_is_no_failed_gate(incident_kit, tmp_path: Path) -> None:
    (tmp_path / "polars.py").write_text("raise ZeroDivisionError\n")
    broken = incident_kit("compare", "before.log", "after.log", cwd=tmp_path)
    assert broken.returncode == UNUSABLE
    assert broken.stderr.splitlines()[-1].startswith("incident-kit: This is a fault of the kit itself")
