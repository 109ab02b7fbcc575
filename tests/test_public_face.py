"""The public face is small, documented, and quick to import."""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.errors import SchemaError

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


PICTURES = [name for name in ik.__all__ if name.startswith("plot_")]


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("given", [None, 5, [1], {}, pl.DataFrame({"time": ["now"]})], ids=str)
def test_a_picture_of_anything_else_says_what_makes_its_table(picture: str, given: object) -> None:
    with pytest.raises(SchemaError, match=r"no table as `(?:ik|found)\.\w+") as refused:
        getattr(ik, picture)(given)
    whose, maker = re.findall(r"`(ik|found)\.(\w+)", str(refused.value))[0]
    assert hasattr(ik, maker) if whose == "ik" else maker in ik.Diagnosis.__dataclass_fields__


OF_A_TABLE = [ik.as_networkx, ik.call_cycles, ik.fan_out, partial(ik.typical_traces, value="duration_ms")]


@pytest.mark.parametrize("of_a_table", OF_A_TABLE)
@pytest.mark.parametrize("given", [None, 5, "calls", {}, pl.DataFrame({"time": ["now"]})], ids=str)
def test_a_table_of_anything_else_is_refused(of_a_table: Callable[[object], object], given: object) -> None:
    with pytest.raises(SchemaError):
        of_a_table(given)
