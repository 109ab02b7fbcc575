"""Self time and critical path of any spans at all, against a reference that is slow and obviously right."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.spans.span_time import span_time
from tests.laws import examples

NS_PER_MS = 1e6


class ByHand:
    """The same as `span_time`, span by span and nanosecond by nanosecond."""

    def __init__(self, spans: pl.DataFrame) -> None:
        nanoseconds = spans.with_columns(pl.col("start").to_physical(), tie=pl.col("span_id").hash())
        self.span = {row["span_id"]: row for row in nanoseconds.iter_rows(named=True)}
        self.begin = {key: row["start"] for key, row in self.span.items()}
        lengths = {key: max(round(row["duration_ms"] * NS_PER_MS), 0) for key, row in self.span.items()}
        self.end = {key: self.begin[key] + lengths[key] for key in self.span}
        self.parent = {key: row["parent_span_id"] for key, row in self.span.items() if self.knows_parent(row)}
        for key in sorted(self.span, key=self.begin.__getitem__):
            if key in self.ancestors(key):
                del self.parent[key]
        self.children = {
            key: [c for c, p in self.parent.items() if p == key and self.waits(c)] for key in self.span
        }

    def knows_parent(self, row: dict) -> bool:
        parent = self.span.get(row["parent_span_id"])
        return parent is not None and parent["trace_id"] == row["trace_id"]

    def ancestors(self, key: str) -> list[str]:
        found: list[str] = []
        while (key := self.parent.get(key, "")) and key not in found:
            found.append(key)
        return found

    def waits(self, key: str) -> bool:
        child, parent = self.span[key], self.span[self.parent[key]]
        elsewhere = parent["kind"] == "producer" or parent["service"] != child["service"]
        return not (child["kind"] == "consumer" and elsewhere)

    def self_ns(self, key: str) -> int:
        moments = set(range(self.begin[key], self.end[key]))
        return len(moments.difference(*(range(self.begin[c], self.end[c]) for c in self.children[key])))

    def critical_ns(self) -> dict[str, int]:
        critical = dict.fromkeys(self.span, 0)
        for trace in {row["trace_id"] for row in self.span.values()}:
            tops = [k for k, row in self.span.items() if row["trace_id"] == trace and k not in self.parent]
            root = min(tops, key=lambda k: (self.span[k]["parent_span_id"] is not None, self.begin[k]))
            self.walk(root, self.begin[root], self.end[root], critical)
        return critical

    def walk(self, key: str, low: int, high: int, critical: dict[str, int]) -> None:
        critical[key] += high - low
        path = self.path(key, low, high, (high - low) * 10 // 1000)
        if sum(end - begin for _, begin, end in path) > high - low:
            path = self.path(key, low, high, 0)
        for child, begin, end in path:
            critical[key] -= end - begin
            self.walk(child, begin, end, critical)

    def path(self, key: str, low: int, high: int, allowance: int) -> list[tuple[str, int, int]]:
        """Go backwards: the child that finished last, then the last to have finished before it began."""
        clip = {
            c: (min(max(self.begin[c], low), high), min(max(self.end[c], low), high))
            for c in self.children[key]
        }
        by_finish = sorted(clip, key=lambda child: (clip[child][1], -clip[child][0], self.span[child]["tie"]))
        found, cursor = [], high
        while done := [child for child in by_finish if clip[child][1] <= cursor]:
            found.append((done[-1], *clip[done[-1]]))
            cursor = clip[done[-1]][0] + allowance
            by_finish = by_finish[: by_finish.index(done[-1])]
        return found


@given(st.data())
@examples(300)
def test_any_forest_is_timed_as_it_is_by_hand(forests: st.SearchStrategy, data: st.DataObject) -> None:
    spans = data.draw(forests)
    by_hand = ByHand(spans)
    timed = span_time(spans, correct_clocks=False)
    nanoseconds = timed.select(
        pl.col("span_id"), (pl.col("self_ms", "critical_ms") * NS_PER_MS).round().cast(pl.Int64)
    )
    found = {span_id: times for span_id, *times in nanoseconds.iter_rows()}
    critical = by_hand.critical_ns()
    assert found == {key: [by_hand.self_ns(key), critical[key]] for key in by_hand.span}


@given(st.data(), st.randoms())
@examples(50)
def test_the_order_of_rows_changes_nothing(forests: st.SearchStrategy, data: st.DataObject, random) -> None:
    spans = data.draw(forests)
    rows = list(range(spans.height))
    random.shuffle(rows)
    assert span_time(spans[rows]).sort("span_id").equals(span_time(spans).sort("span_id"))


@given(st.data())
@examples(50)
def test_spans_delivered_twice_change_nothing(forests: st.SearchStrategy, data: st.DataObject) -> None:
    spans = data.draw(forests)
    assert span_time(pl.concat([spans, spans])).equals(span_time(spans))
