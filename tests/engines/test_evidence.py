"""What was brought to an analysis, gathered: it says what it is."""

from __future__ import annotations

from pathlib import Path

from incident_kit.engines.evidence import gather

LINE = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"\n'


def test_in_a_cell_it_says_what_was_read(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LINE)
    said = "1 request of the access log, written as nginx_combined; none was rejected."
    assert repr(gather(log)) == said
