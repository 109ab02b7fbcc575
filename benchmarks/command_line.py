"""The command line that every benchmark has: its help is the docstring of its module."""

from __future__ import annotations

import argparse


class _Formatter(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """Keep the docstring's lines as they are, and name the defaults."""


def command_line(docstring: str | None) -> argparse.ArgumentParser:
    """Return a parser of options whose help begins with a module's docstring."""
    return argparse.ArgumentParser(description=docstring, formatter_class=_Formatter)
