"""Rewrite text with a Python function, but only the rows that need it, and each distinct text once."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def rewrite_matching(value: pl.Expr, where: str, rewrite: Callable[[str], str]) -> pl.Expr:
    """Apply `rewrite` to the texts that contain the pattern `where`."""

    def rewrite_rows(values: pl.Series) -> pl.Series:
        rows = values.str.contains(where).fill_null(value=False).arg_true()
        if rows.is_empty():
            return values
        texts = values.gather(rows)
        distinct = texts.unique()
        new = pl.Series([rewrite(text) for text in distinct], dtype=pl.String)
        return values.scatter(rows, texts.replace_strict(distinct, new))

    return value.map_batches(rewrite_rows, return_dtype=pl.String, is_elementwise=True)
