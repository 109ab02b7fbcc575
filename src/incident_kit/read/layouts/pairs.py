"""Extract the values of texts of `key=value` pairs separated by blanks, into a column for each key.

A value with blanks or quotes stands in quotes, with escapes as in JSON. A program writes few sequences of
keys, so the keys are looked up once for each sequence, and all values are extracted in one go. `method=GET
status=200` and `method=PUT status=404` have the same sequence `method= status=`. Texts that are not valid
logfmt (a key without a value, blanks in braces) are repaired first.

Source: brandur.org/logfmt; the documentation of go-logfmt, logrus, slog and lograge.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.distinct import dictionary_encode
from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.repaired_pairs import KEY, repaired_pairs
from incident_kit.read.values.escapes import unescape
from incident_kit.read.values.extra import REST_OF_OBJECT

VALUE = r'=(?:"(?:[^"\\]|\\.)*"|[^ \t"][^ \t]*)?'
KEYS = re.compile(rf"(?:{KEY}=[ \t]+)*{KEY}=[ \t]*", re.ASCII)
# No program writes more keys; a line with more is damage. Logs have more if clients put pairs into values
# that are written without quotes, and each key would cost a column.
MAX_KEYS = 300
# A text with fewer keys may be words with an equals sign between them.
MIN_KEYS = 3
NOWHERE = -1

Keys = Sequence[str]
Places = npt.NDArray[np.int64]


def cut_out(pairs: pl.Series) -> pl.DataFrame:
    """Return a column `$key` for each key, and `matched`: whether a text consists of pairs only.

    If there are very many keys, the rarest are returned as the rest of an object.
    """
    pairs, keys, places = _repaired(pairs)
    counts = np.array([len(names) for names in keys], dtype=np.int64)[places]
    matched = pl.Series("matched", counts > 0)
    texts, begins = _values(pairs.filter(matched)), np.cumsum(counts) - counts
    common = _commonest(keys, places)
    columns = [matched]
    for name, at in _by_name(keys, common).items():
        place = at[places]
        values = texts.gather(np.where(place == NOWHERE, len(texts) - 1, begins + place))
        columns.append(values.alias(RAW + name))
    if len(common) == MAX_KEYS:
        each = zip(places, begins, counts, strict=True)
        rests = [
            _rest(keys[place], texts.slice(int(begin), int(count)), common) for place, begin, count in each
        ]
        columns.append(pl.Series(REST_OF_OBJECT, rests, dtype=pl.String))
    return pl.DataFrame(columns)


def _repaired(pairs: pl.Series) -> tuple[pl.Series, list[Keys], Places]:
    """Return texts as valid logfmt, the sequences of keys that occur, and each text's index into them."""
    keys, places = _keys(pairs)
    wrong = np.flatnonzero([not names for names in keys])
    rows = np.flatnonzero(np.isin(places, wrong))
    if not len(rows):
        return pairs, keys, places
    mended = pairs.scatter(rows, [repaired_pairs(text) for text in pairs.gather(rows)])
    return mended, *_keys(mended)


def _commonest(keys: Sequence[Keys], places: Places) -> frozenset[str]:
    """Return the keys that most texts have, at most `MAX_KEYS` of them."""
    times: Counter[str] = Counter()
    for names, count in zip(keys, np.bincount(places, minlength=len(keys)), strict=True):
        times.update(dict.fromkeys(names, int(count)))
    return frozenset(name for name, _ in times.most_common(MAX_KEYS))


def _rest(names: Keys, values: pl.Series, common: Collection[str]) -> str | None:
    """Return the uncommon keys and their values as members of a JSON object."""
    rare = {name: value for name, value in zip(names, values, strict=True) if name not in common}
    return json.dumps(rare, ensure_ascii=False)[1:-1] if rare else None


def keys_in(text: str) -> Keys:
    """Return the keys of a text that clearly consists of pairs, otherwise none."""
    found = cut_out(pl.Series([text]))
    keys = [column.removeprefix(RAW) for column in found.columns if column.startswith(RAW)]
    return keys if len(keys) >= MIN_KEYS and "=" in text else []


def _keys(pairs: pl.Series) -> tuple[list[Keys], Places]:
    """Return the sequences of keys that occur, empty for texts that are no pairs, and each text's index."""
    shapes = dictionary_encode(pairs.str.replace_all(VALUE, "="))
    sound = (shape if shape and KEYS.fullmatch(shape) else "" for shape in shapes.values)
    return [_numbered(shape.replace("=", "").split()) for shape in sound], shapes.codes.to_numpy()


def begins_again(names: Keys) -> bool:
    """Return whether the first keys of a line stand side by side once more: another line begins within it.

    A server that is killed, or two that write to one file, leave such lines. The very first key of the second
    one may belong to the value that was cut.
    """
    beside = Counter(pairwise(names))
    return any(one != other and beside[one, other] > 1 for one, other in pairwise(names[:3]))


def _numbered(names: Keys) -> Keys:
    """Append a number to a key that occurs again, so that both values are kept; none if two lines met."""
    if len(names) > MAX_KEYS or begins_again(names):
        return []
    times: Counter[str] = Counter()
    numbered = []
    for name in names:
        times[name] += 1
        numbered.append(f"{name}#{times[name]}" if times[name] > 1 else name)
    return numbered


def _by_name(keys: Sequence[Keys], wanted: Collection[str]) -> dict[str, Places]:
    """Return for each wanted key its position in each sequence."""
    found: dict[str, Places] = {}
    for number, names in enumerate(keys):
        for place, name in enumerate(names):
            if name in wanted:
                found.setdefault(name, np.full(len(keys), NOWHERE))[number] = place
    return found


def _values(pairs: pl.Series) -> pl.Series:
    """Return the values of all pairs in order, without quotes and escapes, followed by a null."""
    written = pairs.str.extract_all(VALUE).explode(empty_as_null=False).str.slice(1)
    quoted = pl.col("value").str.starts_with('"')
    inside = unescape(pl.col("value").str.strip_prefix('"').str.strip_suffix('"'))
    texts = written.alias("value").to_frame().select(pl.when(quoted).then(inside).otherwise("value"))
    return pl.concat([texts.to_series(), pl.Series("value", [None], dtype=pl.String)])
