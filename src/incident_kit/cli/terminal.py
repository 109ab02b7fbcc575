"""Sentences in a terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap

import typer

NARROWEST = 40
"""Columns of a terminal; a narrower one wraps the lines itself."""


def say(text: str) -> None:
    """Print sentences, one a line; for a terminal they are wrapped between words, and indented from there."""
    typer.echo(_wrapped(text) if sys.stdout.isatty() else text)


def _wrapped(text: str) -> str:
    width = shutil.get_terminal_size().columns
    if width < NARROWEST:
        return text
    return "\n".join(
        textwrap.fill(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    )
