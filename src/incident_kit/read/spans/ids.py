"""Ids of traces and spans in one spelling, so that spans from all sources join each other and the logs.

OpenTelemetry's rule: 16 bytes identify a trace and 8 a span, in lower-case hexadecimal digits. Shorter ids
(64-bit B3, Jaeger's lost leading zeros) are padded with zeros on the left. An id that is not hexadecimal, or
that is a short name such as `A`, stays as it is.
"""

from __future__ import annotations

import polars as pl

TRACE_DIGITS = 32
SPAN_DIGITS = 16
DIGITS = {"trace_id": TRACE_DIGITS, "span_id": SPAN_DIGITS, "parent_span_id": SPAN_DIGITS}
# Shorter ids are taken for names. One random id in four billion has so many leading zeros that fewer digits
# are left.
MIN_DIGITS = 8
# X-Ray's trace ids, whose two parts are a time and a random number.
XRAY = r"^(?:Root=)?1-([0-9a-fA-F]{8})-([0-9a-fA-F]{24})$"
UUID = r"^([0-9a-fA-F]{8})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{4})-([0-9a-fA-F]{12})$"


def with_plain_ids(spans: pl.DataFrame) -> pl.DataFrame:
    """Return spans with their ids in one spelling, which most have already; null where an id is unset."""
    is_plain = spans.select(
        pl.col(name).str.contains(f"^([0-9a-f]{{{digits}}})?$").all() for name, digits in DIGITS.items()
    )
    return spans.with_columns(
        _if_set(pl.col(name) if is_plain[name].item() else _plain(name, digits), digits).alias(name)
        for name, digits in DIGITS.items()
    )


def ids_from_base64(ids: pl.Series, digits: int) -> pl.Series:
    """Return ids as hexadecimal digits, where some may be base64, which plain protobuf JSON has.

    Base64 is recognised by its length: 16 bytes are 22 characters and 8 bytes are 11, or more with padding.
    """
    characters = -(-digits * 4 // 6)
    padded = -(-characters // 4) * 4
    encoded = ids.str.len_chars().is_in([characters, padded])
    if not encoded.any():
        return ids
    text = ids.filter(encoded).str.replace_all("-", "+", literal=True).str.replace_all("_", "/", literal=True)
    decoded = text.str.pad_end(padded, "=").str.decode("base64", strict=False).bin.encode("hex")
    return ids.scatter(encoded.arg_true(), decoded)


def _plain(name: str, digits: int) -> pl.Expr:
    """Return ids padded and in lower case, without prefixes and separators."""
    bare = pl.col(name).str.replace("^0[xX]", "").str.replace(UUID, "$1$2$3$4$5").str.replace(XRAY, "$1$2")
    is_hexadecimal = bare.str.contains(f"^[0-9a-fA-F]{{{MIN_DIGITS},{digits}}}$")
    return pl.when(is_hexadecimal).then(bare.str.to_lowercase().str.zfill(digits)).otherwise(bare)


def _if_set(ids: pl.Expr, digits: int) -> pl.Expr:
    return pl.when(~ids.is_in(["0" * digits, "0", ""])).then(ids)
