"""What was brought to an analysis, gathered: it says what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.engines.evidence import gather
from incident_kit.errors import SourceError
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Targets

LINE = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"\n'


def test_in_a_cell_it_says_what_was_read(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINE)
    said = "1 request of the access log, written as nginx_combined; none was rejected."
    assert repr(gather(log)) == said


@pytest.mark.parametrize("held_bytes", [1e9, 0])
def test_a_log_of_which_every_line_is_rejected_is_an_error_and_not_a_day_without_incidents(
    tmp_path: Path, held_bytes: float
) -> None:
    log = tmp_path / "access.log"
    log.write_text('{"time":"yesterday","method":"GET","path":"/x","status":200}\n' * 3)
    with pytest.raises(SourceError, match=r"3 lines were rejected.*give a log that holds a request"):
        gather(log, held_bytes=held_bytes)


def test_a_log_too_long_to_be_held_is_counted_by_the_targets_and_says_so(samples: Path) -> None:
    log, targets = samples / "bad-release" / "access.log.gz", Targets(latency_ms=50)
    held, counted = (gather(log, targets=targets, held_bytes=limit) for limit in (1e9, 0))
    assert isinstance(counted.requests, Rollup)
    assert "were counted and not held" in counted.warnings[0]
    assert held.warnings == ()
    found = [diagnose(read.requests, targets=targets) for read in (held, counted)]
    assert found[0].verdicts.equals(found[1].verdicts)
    assert (
        found[0]
        .incidents.select("kind", "start", "end")
        .equals(found[1].incidents.select("kind", "start", "end"))
    )
