"""A reader learns which files were read, and nothing that would undo the masking."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from incident_kit.errors import SourceError
from incident_kit.reports.inputs.provenance import input_files, provenance
from incident_kit.reports.inputs.pseudonyms import Pseudonyms
from incident_kit.reports.inputs.read_inputs import read_inputs
from incident_kit.reports.notebooks.parameter_check import validate


def test_inputs_are_named_by_hash_without_their_folder(log_file: Path) -> None:
    row = provenance([str(log_file), "-"]).row(0, named=True)
    assert row["name"] == "access.log"
    assert row["sha256"] == hashlib.sha256(log_file.read_bytes()).hexdigest()


def test_globs_and_folders_are_taken_apart(log_file: Path) -> None:
    for path in (f"{log_file.parent}/*.log", str(log_file.parent)):
        assert provenance([path]).equals(provenance([str(log_file)]))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.log"):
        provenance([str(tmp_path / "gone.log")])


def test_no_name_can_be_computed_from_what_is_shown(log_file: Path) -> None:
    asked = validate("triage", {"access_log": f"{log_file.parent}/*.log"})
    names = set(read_inputs(asked).requests["client_ip"])  # type: ignore[index, union-attr]
    (file,) = input_files(asked.logs)
    assert Pseudonyms.keyed_by(file.fingerprint).client("198.51.100.1") in names
    guesses = [(), (file.sha256.encode(),), (bytes.fromhex(file.sha256),), (file.name.encode(),)]
    assert not names & {Pseudonyms.keyed_by(*guess).client("198.51.100.1") for guess in guesses}
