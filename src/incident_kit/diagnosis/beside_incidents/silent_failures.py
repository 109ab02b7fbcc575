"""Find endpoints that fail with answers which every target counts as good: redirects, and next to nothing.

Example: the sessions of all users are lost. `GET /account` answers 302, to the login, where it used to answer
200; there is no error and no slow request. Or a search index is empty, and `GET /search` answers 200 with two
bytes.
"""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.answer_blocks import (
    MIN_ANSWERS,
    WIDTH,
    above_usual,
    block,
    from_many_networks,
    proxy_network,
)
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import busiest, refused_share
from incident_kit.measure.requests.traits import client_network
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT

REDIRECTS = (301, 302, 303, 307, 308)

IS_SIZED = (pl.col("status") == 200) & (pl.col("method") == "GET")
"""Whether an answer has a content to lose."""

SAMPLED = 100_000
"""Number of requests that tell the usual size of each endpoint's answers."""

HOLLOW = 0.1
"""An answer below this part of its endpoint's median size holds next to nothing."""

USUAL_BYTES = 100
"""An endpoint whose answers are usually smaller has no size to lose."""

GREW = 2
"""With this many times as many requests as usual, redirects may lead in a circle."""


def find_silent_failures(requests: pl.DataFrame | None, rollup: Rollup) -> list[Finding]:
    """Return the findings of redirects and of hollow answers; a rollup has no sizes."""
    is_redirect = pl.col("status").is_in(REDIRECTS)
    if requests is None:
        nobody = pl.lit(None, dtype=pl.String)
        redirects = rollup.counts.filter(is_redirect).with_columns(client_ip=nobody)
        found = [_redirected(redirects, rollup.counts, None)]
    else:
        proxy = proxy_network(requests)
        redirects = _answers(requests.lazy().filter(is_redirect)).collect()
        found = [
            _redirected(redirects, rollup.counts, proxy),
            _hollow(_hollow_answers(requests), rollup.counts.filter(IS_SIZED), proxy),
        ]
    return [finding for finding in found if finding]


def _answers(requests: pl.LazyFrame) -> pl.LazyFrame:
    return requests.select("client_ip", *ENDPOINT, time="start_time", requests=1)


def _hollow_answers(requests: pl.DataFrame) -> pl.DataFrame:
    """Return the answers that are far smaller than their endpoint's median, which a sample of them tells."""
    sized = requests.lazy().filter(IS_SIZED).select("client_ip", "bytes_sent", *ENDPOINT, "start_time")
    sample = requests.select("status", "bytes_sent", *ENDPOINT).gather_every(
        max(1, requests.height // SAMPLED)
    )
    usual = sample.filter(IS_SIZED).group_by(ENDPOINT).agg(usual=pl.col("bytes_sent").median())
    least = usual.lazy().filter(pl.col("usual") >= USUAL_BYTES)
    is_hollow = pl.col("bytes_sent") < HOLLOW * pl.col("usual")
    most = HOLLOW * pl.lit(usual["usual"].max(), dtype=pl.Float64)
    return _answers(
        sized.filter(pl.col("bytes_sent") < most).join(least, on=ENDPOINT).filter(is_hollow)
    ).collect()


def _redirected(redirects: pl.DataFrame, counts: pl.DataFrame, proxy: str | None) -> Finding | None:
    blocks = _blocks(redirects, counts, proxy)
    if int(blocks["answers"].sum()) < MIN_ANSWERS:
        return None
    name = busiest(blocks, "answers")
    more = int(blocks["requests"].sum()) / float(blocks["usual_requests"].sum())
    circle = f"; {more:.0f} times as many came as usual" if more >= GREW else ""
    return Finding(
        id="redirected",
        priority="reliability",
        claim=f"{name} redirects what it usually answers: {_number(blocks)}.",
        evidence=f"{_evidence(blocks)}{circle}.",
        change="Look for what changed then: a login that forgets its sessions, an address that leads back to "
        "itself. No target counts these answers, and users get no further.",
        risk="An address that was moved on purpose looks the same: see where the redirects lead.",
        verify=f"Ask for {name} as a user does, and follow the redirects to an answer.",
        monitor=f"The share of requests to {name} that are redirected.",
    )


def _hollow(answers: pl.DataFrame, counts: pl.DataFrame, proxy: str | None) -> Finding | None:
    blocks = _blocks(answers, counts, proxy)
    if int(blocks["answers"].sum()) < MIN_ANSWERS:
        return None
    name = busiest(blocks, "answers")
    return Finding(
        id="hollow-answers",
        priority="reliability",
        claim=f"{name} answers with next to nothing: {_number(blocks)} of status 200, below a tenth of their "
        "usual size.",
        evidence=f"{_evidence(blocks)}.",
        change="Look at one of these answers: an empty list, a page without its content, an error sent as a "
        "success. No target counts them, and users take them for failures.",
        risk="There may be nothing to answer: see what was asked for.",
        verify=f"Ask {name} for something that is there.",
        monitor=f"The size of the answers of {name}, beside their status.",
    )


def _blocks(answers: pl.DataFrame, counts: pl.DataFrame, proxy: str | None) -> pl.DataFrame:
    """Return the blocks with more such answers than usual, if they come from many networks."""
    blocks = above_usual(answers, counts)
    within = answers.with_columns(block()).join(blocks, on=["block", *ENDPOINT], how="semi", nulls_equal=True)
    spread = from_many_networks(within.with_columns(network=client_network()), proxy)
    return blocks.join(spread, on=ENDPOINT, how="semi", nulls_equal=True)


def _number(blocks: pl.DataFrame) -> str:
    return wording.count(int(blocks["answers"].sum()), "answer")


def _evidence(blocks: pl.DataFrame) -> str:
    answers, requests = int(blocks["answers"].sum()), int(blocks["requests"].sum())
    ends = pl.col("block").max().dt.offset_by(WIDTH).alias("ends")
    began, ended = blocks.select(pl.col("block").min(), ends).row(0)
    usual = wording.rate(float(blocks.sort("answers")["usual_share"][-1]))
    return (
        f"{refused_share(answers, requests)} of the requests there, in blocks of five minutes between "
        f"{wording.clock(began)} and {wording.clock(ended)}, usually {usual}"
    )
