"""Whatever a pattern matches is suspect; of what it does not match, hardly anything is."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.reports.inputs.pseudonyms import ADDRESS
from incident_kit.reports.inputs.suspects import suspects
from incident_kit.sensitive import SECRETS

PATTERNS = [*(secret.pattern for secret in SECRETS), ADDRESS]
SAMPLES = [*(secret.sample for secret in SECRETS), "10.1.2.3", "2001:db8::7"]
ODD = [
    re.compile(r"(?<![a(])b(?!\\[)]|c\)d)(?=e)e"),
    re.compile(r"(?i)a*+b++c?+d{2,3}+e"),
    re.compile(r"(?>ab|a)c.d", re.DOTALL),
    re.compile(r"x[]\\)(]+(?=(?:y|[(])z)\Z|q"),
]


@given(st.lists(st.sampled_from(SAMPLES) | st.text(max_size=8), max_size=4).map("".join), st.data())
def test_a_text_that_a_pattern_matches_is_suspect(text: str, data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(PATTERNS))
    found = suspects(pl.Series("text", [text], dtype=pl.String), [pattern])
    assert len(found) >= bool(pattern.search(text))


@pytest.mark.parametrize("pattern", ODD, ids=lambda pattern: pattern.pattern)
@given(data=st.data())
def test_so_it_is_whatever_the_pattern_asserts_or_gives_not_back(
    pattern: re.Pattern[str], data: st.DataObject
) -> None:
    text = data.draw(st.text("abcdexyzqAB()[]\\\n", max_size=12) | st.from_regex(pattern))
    found = suspects(pl.Series("text", [text], dtype=pl.String), [pattern])
    assert len(found) >= bool(pattern.search(text))


@pytest.mark.parametrize("text", ["/api/items/12345", "/search?q=shoes&page=2", "curl/8.5.0", ""])
def test_an_ordinary_text_is_not(text: str) -> None:
    assert suspects(pl.Series("text", [text]), PATTERNS).is_empty()
