"""A file in the wrong place is told what it is and where it belongs."""

from pathlib import Path

import pytest

from tests.cli.sentences import the_one_sentence

SAMPLE = "slow-database"
HERE = {"log": "access.log.gz", "traces": "traces.jsonl.gz"}


@pytest.fixture(scope="module")
def files(incident_kit, samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A log, traces, and what `rollup` and `parse` make of the log; and one that was cut off."""
    folder = tmp_path_factory.mktemp("made")
    found = {name: samples / SAMPLE / file for name, file in HERE.items()}
    for verb in ("rollup", "parse"):
        found[verb] = folder / f"{verb}.parquet"
        assert incident_kit(verb, found["log"], "-o", found[verb]).returncode == 0
    found["cut"] = folder / "cut.parquet"
    found["cut"].write_bytes(found["parse"].read_bytes()[:1000])
    return found


@pytest.mark.parametrize(
    ("arguments", "blamed", "says"),
    [
        ("diagnose {traces}", "traces", "looks like traces (otlp-json), no access log; give it as traces"),
        ("diagnose --traces {log}", "log", "is an access log (nginx_combined"),
        ("report -o out --notebook triage --traces {log}", "log", "is an access log (nginx_combined"),
        ("diagnose {rollup} {log}", "rollup", "cannot be read together with"),
        ("parse {rollup} -o out.csv", "rollup", "is a rollup; give it to diagnose"),
        ("diagnose {rollup} {parse}", "rollup", "cannot be read together with"),
        (
            "diagnose --traces {parse}",
            "parse",
            "is an access log (parsed), no traces; give it without --traces",
        ),
        ("diagnose {cut}", "cut", "cannot be read as a table: "),
    ],
)
def test_a_file_in_the_wrong_place_is_told_where_it_belongs(
    incident_kit, files: dict[str, Path], tmp_path: Path, *, arguments: str, blamed: str, says: str
) -> None:
    done = incident_kit(*arguments.format(**files).split(), cwd=tmp_path)
    assert f"{files[blamed]} {says}" in the_one_sentence(done)
