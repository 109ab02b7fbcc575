r"""Undo the escapes that servers write for characters that could break a line.

nginx and Apache write a byte they distrust as `\xHH`. Apache also writes `\"` and `\\`, and a few control
characters by letter. `caf\xC3\xA9` becomes `café`. Bytes that are no UTF-8 are kept visible as `\xHH` and not
dropped.
"""

from __future__ import annotations

import re

import polars as pl

from incident_kit.read.values.rewriting import rewrite_matching

ESCAPE = re.compile(r'((?:\\x[0-9A-Fa-f]{2})+)|\\u([0-9A-Fa-f]{4})|\\(["\\/abfnrtv])')
LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unescape(value: pl.Expr) -> pl.Expr:
    """Undo the escapes in the rows that have any."""
    return rewrite_matching(value, r"\\", unescape_text)


def unescape_text(text: str) -> str:
    """Undo the escapes of one value."""
    return ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    run, code_point, letter = found.groups()
    if letter:
        return LETTERS.get(letter, letter)
    if code_point:
        return chr(int(code_point, 16)) if not 0xD800 <= int(code_point, 16) < 0xE000 else found[0]
    return bytes.fromhex(run.replace("\\x", "")).decode("utf-8", errors="visible-bytes")


def _visible(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(f"\\x{byte:02X}" for byte in error.object[error.start : error.end]), error.end


def _register() -> None:
    import codecs

    codecs.register_error("visible-bytes", _visible)


_register()
