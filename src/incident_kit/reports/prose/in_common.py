"""What the bad requests of an incident have in common: values that have more of them than of the traffic."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.attributes.explanation import places
from incident_kit.diagnosis.attributes.group_words import group_in_words
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.reports.prose.breakdown import of_incident
from incident_kit.reports.prose.chosen import incident_row
from incident_kit.reports.prose.dead_ends import instead

MAX_VALUES = 8  # values shown; those that follow tell little
COUNTED = "Share of the extra bad requests and of all requests; of each value's own, during and before"


def values(found: Diagnosis, incident: int | None) -> pl.DataFrame:
    """Return the values of any field, and pairs of them, that set the bad requests apart, the best first.

    Columns: value, bad, share_of_bad (of the extra bad requests), share_of_all (of all requests in that
    time), during_rate, before_rate (shares of the value's requests).
    """
    rows = of_incident(found.attributes, incident)
    if incident is None:
        return rows
    best = places(rows, incident_row(found, incident)["indicator"]).head(MAX_VALUES)
    names = [group_in_words(row) for row in best.iter_rows(named=True)]
    return best.select(
        pl.Series("value", names, dtype=pl.String),
        "bad",
        share_of_bad="share",
        share_of_all="traffic",
        during_rate="rate",
        before_rate="usual_rate",
    )


def nothing(found: Diagnosis, incident: int | None) -> str:
    """Say that nothing sets the bad requests apart, or that there is no incident."""
    explained = "" if incident is None else incident_row(found, incident)["explanation"]
    return instead(found, incident, explained)
