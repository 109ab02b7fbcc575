"""How the documentation is built: `make docs`, with warnings as errors and no address outside."""

from __future__ import annotations

import shutil
from pathlib import Path

from incident_kit.reports.parameters import NOTEBOOKS

HERE = Path(__file__).parent

project = "incident_kit"
author = "the incident_kit founders"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "images"]

html_theme = "pydata_sphinx_theme"
html_title = "incident_kit"
html_show_sourcelink = False
html_theme_options = {"show_prev_next": False, "use_edit_page_button": False, "icon_links": []}

# The notebooks are shown with the outputs they were committed with.
nb_execution_mode = "off"
nb_mime_priority_overrides = [("html", "application/vnd.incident-kit.verdict+json", None)]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_class_signature = "separated"


def copy_notebooks(_app: object) -> None:
    """Bring the notebooks beside the pages; they live in a folder of their own."""
    here = HERE / "notebooks"
    here.mkdir(exist_ok=True)
    for name in NOTEBOOKS:
        shutil.copyfile(HERE.parent / "notebooks" / f"{name}.ipynb", here / f"{name}.ipynb")


def setup(app: object) -> None:
    """Register what happens before the pages are read."""
    app.connect("builder-inited", copy_notebooks)  # type: ignore[attr-defined]
