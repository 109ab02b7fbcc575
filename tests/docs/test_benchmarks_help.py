"""Every benchmark is a command that explains itself and runs nothing for it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
COMMANDS = [
    ".".join(file.relative_to(BENCHMARKS.parent).with_suffix("").parts)
    for file in sorted(BENCHMARKS.rglob("*.py"))
    if "\ndef main(" in file.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_names_the_command(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as stopped:
        import_module(name).main()
    assert stopped.value.code == 0
    assert f"python -m {name.removesuffix('.__main__')}" in capsys.readouterr().out
