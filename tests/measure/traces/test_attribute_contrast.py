"""Which attributes set bad traces apart, and none where chance alone does."""

from collections.abc import Callable

import numpy as np
import polars as pl

from incident_kit.measure.calls.attribute_contrast import attribute_contrast


def flagged(draw: Callable, traces: int = 600) -> tuple[pl.DataFrame, list[str]]:
    """Traces of which those of version 2 are mostly bad; pods and regions are dealt out by chance."""
    random = np.random.default_rng(1)
    lines, bad = [], []
    for n in range(traces):
        version = int(random.random() < 0.3) + 1
        lines.append(
            f"a{n} trace=t{n} service=pay service.version={version} "
            f"pod=p{random.integers(8)} region=r{random.integers(3)} : =="
        )
        if random.random() < (0.9 if version == 2 else 0.05):
            bad.append(f"t{n}")
    return draw("\n".join(lines)), bad


def test_the_attribute_that_differs_is_first_and_alone_a_discovery(draw: Callable) -> None:
    spans, bad = flagged(draw)
    table = attribute_contrast(spans, bad)
    first = table.row(0, named=True)
    assert (first["service"], first["attribute"]) == ("pay", "service.version")
    assert set(table.filter("discovery")["attribute"]) == {"service.version"}
    assert (table["low"] <= table["difference"]).all()
    assert (table["difference"] <= table["high"]).all()


def test_how_calls_ended_comes_after_what_may_be_why(draw: Callable) -> None:
    lines = [
        f"a{n} trace=t{n} service=pay service.version={1 + n % 2} "
        f"http.response.status_code={500 if n % 2 and n % 7 else 200} : =="
        for n in range(300)
    ]
    bad = [f"t{n}" for n in range(300) if n % 2 and n % 7]
    discoveries = attribute_contrast(draw("\n".join(lines)), bad).filter("discovery")
    assert discoveries["attribute"][0] == "service.version"
    assert set(discoveries.filter("outcome")["attribute"]) == {"http.response.status_code"}
    assert discoveries["outcome"].is_sorted()


def test_a_value_of_a_few_traces_cannot_be_told_from_chance(draw: Callable) -> None:
    spans = draw(
        "\n".join(f"a{n} trace=t{n} service=pay pod=p{n // 4 % 2 if n < 8 else 2} : ==" for n in range(40))
    )
    table = attribute_contrast(spans, [f"t{n}" for n in range(4)])
    assert table.filter(attribute="pod")["value"].to_list() == ["p2"]


def test_bad_traces_chosen_by_chance_differ_in_nothing(draw: Callable) -> None:
    spans, _ = flagged(draw)
    by_chance = [f"t{n}" for n in range(0, 600, 3)]
    assert not attribute_contrast(spans, by_chance)["discovery"].any()


def test_no_bad_traces_no_contrast(draw: Callable) -> None:
    spans, _ = flagged(draw)
    assert not attribute_contrast(spans, [])["discovery"].any()


def test_values_that_are_no_text_are_compared_as_json_writes_them(draw: Callable) -> None:
    spans = draw("\n".join(f"a{n} trace=t{n} service=pay : ==" for n in range(40)))
    attributes = ['{"zones":["a","b"],"n":' + str(n % 2) + ',"ok":true}' for n in range(40)]
    table = attribute_contrast(spans.with_columns(attributes=pl.Series(attributes)), ["t1", "t3"])
    held = table.filter(pl.col("attribute").is_in(["zones", "n", "ok"])).select("attribute", "value").rows()
    assert sorted(held) == [("n", "0"), ("n", "1"), ("ok", "true"), ("zones", '["a","b"]')]
