"""The public face is small, documented, and quick to import."""

import subprocess
import sys

import pytest

import incident_kit as ik
from incident_kit.plot.style import MADE_BY

HEAVY = (
    "dask", "ipywidgets", "matplotlib", "nbconvert", "nbformat", "networkx", "pandas",
    "papermill", "pyarrow", "scipy", "werkzeug",
)  # fmt: skip


def test_every_name_of_the_face_is_there_and_has_a_docstring() -> None:
    undocumented = [name for name in ik.__all__ if not getattr(ik, name).__doc__]
    assert undocumented == []


@pytest.mark.parametrize("start", ["import incident_kit", "import incident_kit.cli.main"])
def test_heavy_libraries_load_only_when_a_verb_needs_them(start: str) -> None:
    loaded = f"{start}, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_picture_can_be_drawn_of_what_the_face_offers() -> None:
    pictures = {name for name in ik.__all__ if name.startswith("plot_")}
    assert pictures <= MADE_BY.keys()
    makers = [maker.partition("(")[0].removeprefix("ik.") for maker in MADE_BY.values() if "(" in maker]
    assert set(makers) <= set(ik.__all__)
    fields = {maker.removeprefix("found.") for maker in MADE_BY.values() if maker.startswith("found.")}
    assert fields <= ik.Diagnosis.__dataclass_fields__.keys()
