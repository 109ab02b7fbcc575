"""All errors that this kit raises on purpose, as one tree.

IncidentKitError
├── InputError             what was given cannot be read (the command line exits with 2)
│   ├── SourceError        a path that is missing, empty, binary or damaged
│   │   └── EmptySourceError   a file without a line, as rotation leaves one
│   ├── UnknownFormatError no registered format reads these lines
│   │   └── TracesGivenError   they are traces, where an access log is asked for
│   └── FormatStringError  a log_format or LogFormat string that cannot be compiled
├── SchemaError            a frame lacks a column, or a column has another type
├── ParameterError         a parameter, window, target or event that cannot mean anything
├── NotebookError          a notebook that did not run to its verdict
└── OutputError            a place that cannot be written to

A message is one sentence: what was found, where, and what to do. It may quote a log or the name of a file, so
characters that would take effect in a terminal are escaped.
"""

from __future__ import annotations

from incident_kit.inert import escape_controls


class IncidentKitError(Exception):
    """Base of every error the kit raises on purpose."""

    def __str__(self) -> str:
        return escape_controls(super().__str__(), keep="\n")

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the sentence instead of forty lines of library frames."""
        return [f"{type(self).__name__}: {self}", "(import traceback; traceback.print_last() shows where)"]


class InputError(IncidentKitError):
    """The input cannot be read."""


class SourceError(InputError):
    """A path is missing, empty, binary or damaged."""


class EmptySourceError(SourceError):
    """A file holds no line."""


class UnknownFormatError(InputError):
    """No registered format reads these lines."""


class TracesGivenError(UnknownFormatError):
    """The lines are traces, where an access log is asked for."""


class FormatStringError(InputError):
    """A server's own format string cannot be compiled."""


class SchemaError(IncidentKitError):
    """A frame lacks a column, or a column has another type."""


class ParameterError(IncidentKitError):
    """A parameter, window, target or event cannot mean anything."""


class NotebookError(IncidentKitError):
    """A notebook did not run to its verdict."""


class OutputError(IncidentKitError):
    """A place cannot be written to."""


def reason(error: Exception) -> str:
    """Return another library's error message in one line without its full stop, to fit into a sentence."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(said.split()).rstrip(".")


def first_line(error: Exception) -> str:
    """Return the first line of a polars error, in the form of `reason`."""
    return reason(ValueError(str(error).partition("\n")[0]))
