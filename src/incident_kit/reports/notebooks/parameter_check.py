"""Check that every name that was set is a parameter, and that every value is valid.

For an unknown name papermill only warns and runs with the default: in an incident that is a report about the
wrong data. So the cell after `parameters` checks every name that was set, whoever set it.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from incident_kit.errors import ParameterError
from incident_kit.reports.notebooks.parameters import NOTEBOOKS, NotebookParameters

WANTED = {
    "float_type": "it is no number",
    "float_parsing": "it is no number",
    "bool_type": "it is neither True nor False",
    "bool_parsing": "it is neither True nor False",
    "string_type": "text is wanted; give it in quotes",
    "tuple_type": 'a list is wanted, like ["access.log"]',
    "greater_than": "it must be more than {gt:g}",
    "less_than": "it must be less than {lt:g}; 0.1 % is written 0.001",
}
"""What is said of a value that is not of its type or out of its bounds, by pydantic's name for it."""


def parameters_of(notebook: str) -> type[NotebookParameters]:
    """Return the class of a notebook's parameters.

    Raises
    ------
    ParameterError
        If the kit has no notebook of that name.
    """
    if notebook not in NOTEBOOKS:
        raise ParameterError(f"There is no notebook {notebook}{_meant(notebook, NOTEBOOKS)}")
    return NOTEBOOKS[notebook]


def validate(notebook: str, given: Mapping[str, Any]) -> NotebookParameters:
    """Return the parameters of a notebook, with defaults filled in.

    Raises
    ------
    ParameterError
        If a name is no parameter, or a value has a wrong type or is out of bounds; one sentence for each.
    """
    model = parameters_of(notebook)
    known = model.model_fields
    sentences = [
        f"{notebook} has no parameter {name}{_meant(name, known)}" for name in given if name not in known
    ]
    try:
        accepted = model(**{name: value for name, value in given.items() if name in known})
    except ValidationError as error:
        sentences += [
            f"{notebook} cannot take {each['loc'][0]}={each['input']!r}: {_why(each)}."
            for each in error.errors()
        ]
    if sentences:
        raise ParameterError(" ".join(sentences))
    return accepted


def _why(error: ErrorDetails) -> str:
    """Return why a value was refused, in the kit's words; messages of its own checks stay as they are."""
    if error["type"] in WANTED:
        return WANTED[error["type"]].format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ").rstrip(".")


def check_parameters(notebook: str, namespace: Mapping[str, Any]) -> NotebookParameters:
    """Check the parameters set by the cells above, and return them: the second line of every notebook.

    Parameters
    ----------
    notebook
        The notebook's name.
    namespace
        The notebook's `globals()`.

    Raises
    ------
    ParameterError
        If a name was set that is no parameter, or a value is invalid.
    """
    known = parameters_of(notebook).model_fields
    names = [*dict.fromkeys([name for name in known if name in namespace] + [*_names_set(namespace)])]
    return validate(notebook, {name: namespace[name] for name in names if name in namespace})


def _names_set(namespace: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that the parameter cells set.

    IPython keeps executed cells in `In`, the running one last. The parameter cells (the notebook's, and the
    one that papermill injects) are the cells directly before it that do nothing but assign. If the check runs
    twice in a row, it looks at the same cells again. Without IPython every plain name counts.
    """
    cells = list(namespace.get("In", ()))
    if not cells:
        yield from (name for name, value in namespace.items() if _is_plain(name, value))
        return
    check = cells.pop()
    while cells and cells[-1] == check:
        cells.pop()
    while cells and (names := _assigned(cells.pop())) is not None:
        yield from names


def _is_plain(name: str, value: object) -> bool:
    return not name.startswith("_") and not isinstance(value, ModuleType) and not callable(value)


def _assigned(source: str) -> list[str] | None:
    """Return the names that a cell assigns, or nothing if it does anything else."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return None
    targets: list[ast.expr] = []
    for statement in statements:
        if isinstance(statement, ast.Assign):
            targets += statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets.append(statement.target)
        else:
            return None
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _meant(name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; it is one of {', '.join(known)}."
