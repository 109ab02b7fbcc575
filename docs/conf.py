"""How the documentation is built: `make docs`, with warnings as errors and no address outside."""

from __future__ import annotations

import shutil
from pathlib import Path

from incident_kit.reports.notebooks.parameters import NOTEBOOKS

HERE = Path(__file__).parent

project = "incident_kit"
author = "the incident_kit founders"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "images"]

html_theme = "pydata_sphinx_theme"
html_title = "incident_kit"
html_show_sourcelink = False
# All pages beside every page: questions as titles are too long for a row of links above them.
html_sidebars = {"**": ["globaltoc.html"]}
html_theme_options = {
    "show_prev_next": False,
    "use_edit_page_button": False,
    "icon_links": [],
    "navbar_center": [],
}

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


def leave_out_the_face(_app: object, kind: str, name: str, *rest: object) -> None:
    """Empty the docstring of the package itself: the reference begins with its own words."""
    if (kind, name) == ("module", "incident_kit"):
        rest[-1].clear()  # type: ignore[attr-defined]


def setup(app: object) -> None:
    """Register what happens before the pages are read, and to the docstrings on them."""
    app.connect("builder-inited", copy_notebooks)  # type: ignore[attr-defined]
    app.connect("autodoc-process-docstring", leave_out_the_face)  # type: ignore[attr-defined]
