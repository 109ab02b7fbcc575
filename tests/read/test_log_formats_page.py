"""The pages about formats say what is so."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from incident_kit.read.parsing.reader import Reader
from incident_kit.read.sources.block import Block

DOCS = Path(__file__).parents[2] / "docs"


def test_the_formats_page_is_the_registrys():
    spec = spec_from_file_location("formats_page", DOCS / "formats_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "formats.md").read_text(encoding="utf-8") == module.page(), (
        "run python docs/formats_page.py > docs/formats.md"
    )


def test_the_module_on_the_page_about_adding_a_format_reads_its_sample():
    text = (DOCS / "adding-a-log-format.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], names)
    row = names["FORMATS"][0]
    sample = row.samples[0]
    reading = Reader([row]).read(Block("acme.log", 1, f"{sample.line}\n".encode()))
    found = reading.requests.row(0, named=True)
    assert {name: found[name] for name in sample.expect} == dict(sample.expect)
