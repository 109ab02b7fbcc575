"""What a request asks for, as attributes: its query parameters, and the first id in its path.

Often the data of one tenant, one record or one language fail, while the endpoint serves all others. Example:
`GET /tenants/17/orders?locale=tr` has the attributes `path` (`/tenants/17`) and `?locale` (`tr`).
"""

from __future__ import annotations

import re
from collections import Counter

import polars as pl

from incident_kit.distinct import per_distinct
from incident_kit.sensitive import names_a_secret

SAMPLED = 1_000
"""Number of bad requests in which parameters are looked for."""

MAX_PARAMETERS = 10
"""Largest number of parameters that become attributes, because each is searched for in all requests."""

PLAIN_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
"""A name that may stand in a pattern, because clients choose the names."""


def query_parameters(bad: pl.DataFrame, shared: float) -> dict[str, pl.Expr]:
    """Return an expression for each query parameter of bad requests, under its name after a question mark.

    One of its values must have `shared` of the bad requests; it must not be a secret by its name.
    """
    sample = bad["query"].gather_every(max(1, -(-bad.height // SAMPLED))).drop_nulls()
    found = Counter(pair for query in sample for pair in {*query.split("&")})
    frequent = (
        pair.partition("=")[0]
        for pair, count in found.most_common()
        if count >= shared * min(bad.height, SAMPLED)
    )
    names = [name for name in dict.fromkeys(frequent) if PLAIN_NAME.fullmatch(name)]
    told = [name for name in names if not names_a_secret(name)][:MAX_PARAMETERS]
    return {f"?{name}": _value(name) for name in told}


def _value(name: str) -> pl.Expr:
    return pl.col("query").str.extract(rf"(?:^|&){re.escape(name)}=([^&]+)")


def up_to_first_id(requests: pl.DataFrame) -> pl.Series:
    """Return each path up to its first id, such as `/users/7`; null if its route has no id.

    The id is what stands in the path where the route's first brace stands.
    """
    before_id = pl.col("route").str.extract(r"^([^{]*/)\{").alias("before_id")
    before = per_distinct(requests["route"], before_id=before_id)
    path, head = pl.col("path"), pl.col("before_id")
    id_ = path.str.slice(head.str.len_chars()).str.split_exact("/", 1).struct.field("field_0")
    named = pl.when(path.str.starts_with(head)).then(pl.concat_str(head, id_)).alias("path")
    return requests.select("path").hstack(before).select(named).to_series()
