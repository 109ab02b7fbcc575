"""What is worked out once for each distinct text is what would be worked out for every one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from incident_kit import distinct
from incident_kit.distinct import TextCache

TEXTS = st.lists(st.none() | st.text(max_size=3), max_size=30)


def lengths(texts: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"length": texts.str.len_bytes()})


def looked_up(cache: TextCache, texts: list[str | None]) -> pl.Series:
    rows, places = cache.look_up(pl.Series(texts, dtype=pl.String))
    return rows["length"].gather(places)


@given(blocks=st.lists(TEXTS, max_size=6), most=st.sampled_from([0, 3, 1000]))
def test_looking_up_is_working_out_whatever_was_looked_up_before_or_forgotten(blocks, most):
    cache = TextCache(lengths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distinct, "MAX_CACHED", most)
        for texts in blocks:
            expected = lengths(pl.Series(texts, dtype=pl.String))["length"]
            assert_series_equal(looked_up(cache, texts), expected, check_names=False)


def test_what_is_known_is_not_worked_out_again():
    worked_on: list[str] = []
    cache = TextCache(lambda texts: worked_on.extend(texts) or lengths(texts))
    for texts in (["a", "b", "a"], ["b", "a"], ["c", "b"]):
        looked_up(cache, texts)
    assert sorted(worked_on) == ["a", "b", "c"]


def test_threads_that_look_texts_up_at_once_learn_each_of_them_once():
    worked_on: list[str] = []
    cache = TextCache(lambda texts: worked_on.extend(texts) or lengths(texts))
    blocks = [[f"{'x' * (n % 13)}{n % step}" for n in range(5_000)] for step in range(400, 900, 25)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(partial(looked_up, cache), blocks))
    for texts, lengths_found in zip(blocks, found, strict=True):
        assert lengths_found.to_list() == [len(text) for text in texts]
    assert len(worked_on) == len(set(worked_on))


def test_it_forgets_when_it_knows_too_much(monkeypatch):
    monkeypatch.setattr(distinct, "MAX_CACHED", 100)
    cache = TextCache(lengths)
    for first in range(0, 1000, 50):
        looked_up(cache, [str(number) for number in range(first, first + 50)])
        assert len(cache) <= 150


@pytest.mark.parametrize(
    ("texts", "pays"), [(["a", "b"] * 50, True), ([str(number) for number in range(100)], False)]
)
def test_it_pays_where_values_repeat(texts, pays):
    cache = TextCache(lengths)
    looked_up(cache, texts)
    assert cache.pays is pays
    looked_up(cache, texts)
    assert cache.pays
