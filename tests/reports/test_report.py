"""The verb `report`, whole: from a log to pages that open offline and tell no secrets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from incident_kit.engines.reading import rollup
from incident_kit.engines.rollup_file import write_rollup
from incident_kit.errors import ParameterError, SourceError
from incident_kit.reports.notebooks.bundle import notebook_path
from incident_kit.reports.run import Report, report

PLANTED = ("s3cret-token-1", "ann.lee@example.com", "198.51.100.", "carol")
"""What the log of these tests holds in a query, a referrer, a client and a user."""

BEGIN_NS = 1_767_261_600_000_000_000
BOTH = ("latency_regression", "error_spike")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(log_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return report(log_file, notebook=BOTH, output=tmp_path_factory.mktemp("out"), pdf=False)


def test_each_notebook_becomes_a_page_and_the_index_lists_them(written: Report) -> None:
    index = Path(written.index)
    assert index.name == "index.html"
    page = index.read_text(encoding="utf-8")
    assert all((index.parent / f"{name}.html").is_file() and f'href="{name}.html"' in page for name in BOTH)
    assert {verdict["notebook"] for verdict in written.verdicts} == set(BOTH)


def test_the_verdicts_of_all_are_one_document(written: Report) -> None:
    document = json.loads((Path(written.index).parent / "verdict.json").read_text(encoding="utf-8"))
    assert document["schema"] == "incident-kit/verdicts/1"
    for verdict in document["verdicts"]:
        assert verdict["incidents"][0]["endpoints"][0]["route"] == "/checkout/{id}"


def test_no_secret_and_no_person_is_in_anything_that_is_written(written: Report) -> None:
    for file in written.files:
        text = Path(file).read_text(encoding="utf-8")
        assert not [secret for secret in PLANTED if secret in text], file


def test_a_name_that_is_a_secret_is_in_nothing_that_is_written_and_verdicts_stay_json(tmp_path: Path) -> None:
    names = ['pay token=s3cret-token-1"x', "-----BEGIN PRIVATE KEY----- s3cret-token-1", "front"]
    attributes = [[{"key": "service.name", "value": {"stringValue": name}}] for name in names]
    lines = [
        {"resourceSpans": [{
            "resource": {"attributes": resource},
            "scopeSpans": [{"spans": [{
                "traceId": f"{second + 1:032x}", "spanId": f"{place + 1:016x}", "name": "GET /", "kind": 2,
                "parentSpanId": f"{place + 2:016x}" if place < 2 else "",
                "startTimeUnixNano": str(BEGIN_NS + second * 10**9 + (2 - place) * 10**6),
                "endTimeUnixNano": str(BEGIN_NS + second * 10**9 + (10 + place) * 10**6),
                "status": {"code": 2 if second > 1800 and second % 2 else 0},
            }]}],
        }]}
        for second in range(3600)
        for place, resource in enumerate(attributes)
    ]  # fmt: skip
    traces = tmp_path / "traces.jsonl"
    traces.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    written = report(traces=traces, notebook="error_spike", output=tmp_path / "out", pdf=False)
    for file in written.files:
        assert "s3cret-token-1" not in Path(file).read_text(encoding="utf-8"), file
    (verdict,) = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))["verdicts"]
    assert 'pay token=***"x' in {row["name"] for row in verdict["incidents"][0]["dependencies"]}
    assert written.verdicts == (verdict,)


def test_no_folder_is_in_anything_that_is_written(written: Report, log_file: Path) -> None:
    for file in written.files:
        text = Path(file).read_text(encoding="utf-8")
        assert str(log_file.parent) not in text, file
    notebook = Path(written.index).parent / "error_spike.ipynb"
    assert f"access_log = '{log_file.name}'" in notebook.read_text(encoding="utf-8")


def test_the_pages_load_nothing_from_anywhere(written: Report) -> None:
    for file in written.files:
        if file.endswith(".html"):
            text = Path(file).read_text(encoding="utf-8")
            assert "<script" not in text
            assert "http://" not in text.replace("http://shop.example", "")
            assert "https://" not in text


def test_every_picture_of_the_notebook_is_on_its_page(written: Report) -> None:
    folder = Path(written.index).parent
    page = (folder / "latency_regression.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 4


def test_a_misspelt_parameter_stops_the_report_before_anything_runs(log_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="did you mean latency_ms"):
        report(log_file, output=tmp_path, latencyms=300)
    assert not list(tmp_path.iterdir())


def test_a_misspelt_notebook_is_no_broken_installation(log_file: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="There is no notebook triag; did you mean triage"):
        report(log_file, output=tmp_path, notebook="triag")


def test_a_misspelt_parameter_stops_plain_papermill(log_file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "papermill", "--no-progress-bar", "-p", "access_logg", str(log_file)]
    command += [str(notebook_path("error_spike")), str(tmp_path / "out.ipynb")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode != 0
    assert "error_spike has no parameter access_logg; did you mean access_log?" in done.stderr


def test_a_file_that_is_not_there_is_named_in_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^There is no file [^\n]*gone\.log[^\n]*$"):
        report(tmp_path / "gone.log", notebook="error_spike", output=tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_notebook_that_cannot_be_made_of_a_rollup_is_left_out_with_a_sentence(
    log_file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_rollup(rollup(log_file), tmp_path / "rollup.parquet")
    names = ("error_spike", "compare_releases")
    written = report(tmp_path / "rollup.parquet", notebook=names, output=tmp_path / "out", pdf=False)
    assert [verdict["notebook"] for verdict in written.verdicts] == ["error_spike"]
    assert [skipped.name for skipped in written.skipped] == ["compare_releases"]
    assert caplog.messages == [f"compare_releases is left out: {written.skipped[0].why}"]
    assert f"Left out: {written.skipped[0].why}" in Path(written.index).read_text(encoding="utf-8")
    assert not list((tmp_path / "out").glob("compare_releases*"))


def test_a_log_without_durations_says_what_to_add(log_file: Path, tmp_path: Path) -> None:
    untimed = tmp_path / "untimed.log"
    lines = log_file.read_text(encoding="utf-8").splitlines()
    untimed.write_text("\n".join(line.rpartition(" rt=")[0] for line in lines) + "\n", encoding="utf-8")
    written = report(untimed, notebook=BOTH, output=tmp_path / "out", pdf=False)
    latency = (tmp_path / "out" / "latency_regression.html").read_text(encoding="utf-8")
    assert "add $request_time" in latency
    errors = next(verdict for verdict in written.verdicts if verdict["notebook"] == "error_spike")
    assert errors["incidents"][0]["kind"] == "errors"
