"""Ids of traces and spans in one spelling, so that every source's traces join each other and the logs.

OpenTelemetry's rule: 16 bytes name a trace and 8 a span, in lower-case hexadecimal digits. Shorter ids
(64-bit B3, Jaeger's lost leading zeros) are padded with zeros on the left. An id that is not hexadecimal,
or that is a short name such as `A`, is left as it is.
"""

from __future__ import annotations

import polars as pl

TRACE_DIGITS = 32
SPAN_DIGITS = 16
# Of random ids one in four billion loses so many zeros that fewer digits are left; short ids are names.
FEWEST_DIGITS = 8
UUID = r"^([0-9a-fA-F]{8})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{12})$"


def trace_ids(ids: pl.Series) -> pl.Series:
    """Return trace ids as 32 lower-case hexadecimal digits; X-Ray's `1-5759e988-bd86…` too."""
    if ids.str.starts_with("1-").any():
        ids = ids.str.replace(r"^(?:Root=)?1-([0-9a-fA-F]{8})-([0-9a-fA-F]{24})$", "$1$2")
    return _hexadecimal(ids, TRACE_DIGITS)


def span_ids(ids: pl.Series) -> pl.Series:
    """Return span ids as 16 lower-case hexadecimal digits."""
    return _hexadecimal(ids, SPAN_DIGITS)


def ids_from_base64(ids: pl.Series, digits: int) -> pl.Series:
    """Return ids of which some may be base64 (plain protobuf JSON) as hexadecimal digits.

    Base64 is told by its length: 16 bytes are 22 characters, 8 bytes are 11, with or without padding.
    """
    characters = -(-digits * 4 // 6)
    padded = -(-characters // 4) * 4
    encoded = ids.str.len_chars().is_in([characters, padded])
    if not encoded.any():
        return ids
    text = ids.filter(encoded).str.replace_all("-", "+", literal=True).str.replace_all("_", "/", literal=True)
    decoded = text.str.pad_end(padded, "=").str.decode("base64", strict=False).bin.encode("hex")
    return ids.scatter(encoded.arg_true(), decoded)


def _hexadecimal(ids: pl.Series, digits: int) -> pl.Series:
    if not ids.str.contains(f"^[0-9a-f]{{{digits}}}$").all():
        ids = ids.str.replace("^0[xX]", "").str.replace(UUID, "$1$2$3$4$5")
        is_hexadecimal = ids.str.contains(f"^[0-9a-fA-F]{{{FEWEST_DIGITS},{digits}}}$")
        padded = ids.str.to_lowercase().str.zfill(digits)
        ids = padded.zip_with(is_hexadecimal.fill_null(value=False), ids)
    unset = ids.is_in(["0" * digits, "0", ""]).fill_null(value=False)
    return ids.zip_with(~unset, pl.Series([None], dtype=pl.String)) if unset.any() else ids
