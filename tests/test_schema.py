"""Frames are brought to the columns and types of a schema, or refused."""

import pandas as pd
import polars as pl
import pytest

from incident_kit.errors import SchemaError
from incident_kit.read.read_log import AccessLog
from incident_kit.schema import REJECTED, REQUESTS, SPANS, conform, empty, to_polars


@pytest.mark.parametrize("schema", [REQUESTS, SPANS], ids=["requests", "spans"])
def test_an_absent_column_becomes_null_and_a_foreign_one_goes(schema: dict) -> None:
    frame = conform(pl.DataFrame({"trace_id": ["a"], "foreign": [1]}), schema)
    assert frame.schema == empty(schema).schema
    assert frame.drop("trace_id").null_count().sum_horizontal().item() == len(schema) - 1


def test_pandas_and_lazy_frames_are_welcome() -> None:
    given = pl.DataFrame({"method": ["GET"], "status": [200]})
    expected = conform(given, REQUESTS)
    assert conform(given.lazy(), REQUESTS).equals(expected)
    assert conform(pd.DataFrame({"method": ["GET"], "status": [200]}), REQUESTS).equals(expected)


def test_a_required_column_that_is_absent_is_named_with_what_is_there() -> None:
    with pytest.raises(SchemaError, match="no column start_time but method"):
        conform(pl.DataFrame({"method": ["GET"]}), REQUESTS, required=("start_time",))


def test_a_column_that_cannot_become_its_type_is_refused() -> None:
    with pytest.raises(
        SchemaError, match="The column status has the type String, of which not all is Int16; cast it"
    ):
        conform(pl.DataFrame({"status": ["many"]}), REQUESTS)


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(SchemaError, match="no dataframe but of the type list; give a polars or a pandas"):
        conform([1, 2], REQUESTS)


def test_conforming_twice_changes_nothing() -> None:
    once = conform(pl.DataFrame({"status": [200], "path": ["/x"]}), REQUESTS)
    assert conform(once, REQUESTS).equals(once)


def test_what_holds_frames_is_told_from_one_by_where_they_are() -> None:
    with pytest.raises(SchemaError, match=r"of the type AccessLog; give its \.requests"):
        to_polars(AccessLog(empty(REQUESTS), empty(REJECTED)))  # type: ignore[arg-type]


def test_a_frame_without_columns_is_told_what_it_lacks() -> None:
    with pytest.raises(SchemaError, match="no column start_time; rename or add it"):
        conform(pl.DataFrame(), REQUESTS, required=("start_time",))
