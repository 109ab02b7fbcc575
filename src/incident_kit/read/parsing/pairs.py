r"""Texts of `key=value` pairs between blanks, cut into a column for each key.

A value that holds blanks or quotes stands between quotes, with escapes as in JSON. A program writes few
sequences of keys, so what the values of a line are called is found once for each sequence, and all values are
cut out at once. What is written otherwise (a key without a value, blanks in braces) is first written so.

Source: brandur.org/logfmt; the documentation of go-logfmt, logrus, slog and lograge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.distinct import coded
from incident_kit.read.parsing.escapes import unescape
from incident_kit.read.parsing.slots import RAW

VALUE = r'=(?:"(?:[^"\\]|\\.)*"|[^ \t"][^ \t]*)?'
# A word with a colon is no key: it is the name of a file or of a program, put before the line.
KEY = r"[A-Za-z_@][\w@.#/$\[\]-]*"
KEYS = re.compile(rf"(?:{KEY}=[ \t]+)*{KEY}=[ \t]*", re.ASCII)
# What is not written as it should be: with keys that stand alone, or else with blanks in values.
WORD, WORDS = r"[^ \t]*", rf".*?(?=[ \t]+{KEY}=|[ \t]*$)"
LOOSE_PAIRS = tuple(
    re.compile(rf'({KEY})(?:=("(?:[^"\\]|\\.)*"|(?!"){value}))?(?:[ \t]+|$)', re.ASCII)
    for value in (WORD, WORDS)
)
# What a key says that stands alone.
YES = "true"
# No program writes so many; a line of more is damage, and would cost a column for each.
MOST_KEYS = 500
# A text of fewer may be words with a sign between.
FEWEST_KEYS = 3
NOWHERE = -1

Keys = Sequence[str]
Places = npt.NDArray[np.int64]


def cut_out(pairs: pl.Series) -> pl.DataFrame:
    """Return a column `$key` for each key, and `matched`, whether a text is nothing but pairs."""
    keys, places = _keys(pairs)
    counts = _counts(keys, places)
    wrong = np.flatnonzero(counts == 0)
    if len(wrong):
        pairs = pairs.scatter(wrong, [_mended(text) for text in pairs.gather(wrong)])
        keys, places = _keys(pairs)
        counts = _counts(keys, places)
    matched = pl.Series("matched", counts > 0)
    texts, begins = _values(pairs.filter(matched)), np.cumsum(counts) - counts
    columns = [matched]
    for name, at in _by_name(keys).items():
        place = at[places]
        values = texts.gather(np.where(place == NOWHERE, len(texts) - 1, begins + place))
        columns.append(values.alias(RAW + name))
    return pl.DataFrame(columns)


def keys_in(text: str) -> Keys:
    """Return the keys of a text that is plainly pairs."""
    found = cut_out(pl.Series([text]))
    keys = [column.removeprefix(RAW) for column in found.columns if column.startswith(RAW)]
    return keys if len(keys) >= FEWEST_KEYS and "=" in text else []


def _keys(pairs: pl.Series) -> tuple[list[Keys], Places]:
    """Return the sequences of keys that occur, none where a text is no pairs, and which one each text has."""
    shapes = coded(pairs.str.replace_all(VALUE, "="))
    sound = (shape if shape and KEYS.fullmatch(shape) else "" for shape in shapes.values)
    return [_numbered(shape.replace("=", "").split()) for shape in sound], shapes.places.to_numpy()


def _numbered(names: Keys) -> Keys:
    """Give a key that occurs again a number, so that both values are kept."""
    if len(names) > MOST_KEYS:
        return []
    return [
        f"{name}#{times + 1}" if (times := names[:place].count(name)) else name
        for place, name in enumerate(names)
    ]


def _counts(keys: Sequence[Keys], places: Places) -> Places:
    """Return how many pairs each text has."""
    return np.array([len(names) for names in keys], dtype=np.int64)[places]


def _by_name(keys: Sequence[Keys]) -> dict[str, Places]:
    """Return for each key at which place each sequence has it."""
    found: dict[str, Places] = {}
    for number, names in enumerate(keys):
        for place, name in enumerate(names):
            found.setdefault(name, np.full(len(keys), NOWHERE))[number] = place
    return found


def _values(pairs: pl.Series) -> pl.Series:
    """Return the values of all pairs in order, without quotes and escapes, and a null after them."""
    written = pairs.str.extract_all(VALUE).explode(empty_as_null=False).str.slice(1)
    quoted = pl.col("value").str.starts_with('"')
    inside = unescape(pl.col("value").str.strip_prefix('"').str.strip_suffix('"'))
    texts = written.alias("value").to_frame().select(pl.when(quoted).then(inside).otherwise("value"))
    return pl.concat([texts.to_series(), pl.Series("value", [None], dtype=pl.String)])


def _mended(text: str) -> str:
    """Return a text with all its values between quotes; as it is where it is no pairs."""
    found = (_loose_pairs(text, pattern) for pattern in LOOSE_PAIRS)
    return next((" ".join(pairs) for pairs in found if pairs), text)


def _loose_pairs(text: str, pattern: re.Pattern[str]) -> list[str]:
    """Return the pairs of a text, each as it should be written; none where it is not all pairs."""
    place, pairs = 0, list[str]()
    while place < len(text):
        found = pattern.match(text, place)
        if not found:
            return []
        key, value = found[1], YES if found[2] is None else found[2]
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        pairs.append(f"{key}={value}" if value.startswith('"') else f'{key}="{escaped}"')
        place = found.end()
    return pairs
