"""A place that cannot be written to is refused before anything is read, and nothing is left there."""

from pathlib import Path

import pytest

from incident_kit.cli.places import check_files, check_folder
from incident_kit.errors import OutputError
from tests.cli.sentences import the_one_sentence

NO_ROOM = Path("/proc")
LINE = '10.0.0.1 - - [01/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"'


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("report absent.log -o taken", "taken is a file, and a folder is needed"),
        ("rollup absent.log -o folder", "folder is a folder; name a file"),
        ("parse absent.log -o folder", "folder is a folder; name a file"),
        ("parse absent.log --rejects folder", "folder is a folder; name a file"),
        ("parse absent.log -o taken/x.csv", "taken/x.csv cannot be written"),
        ("alerts -o folder", "folder is a folder; name a file"),
        ("lab taken", "taken is a file"),
        ("notebooks copy taken", "taken is a file"),
    ],
)
def test_a_place_is_refused_before_the_log_is_looked_at(
    incident_kit, tmp_path: Path, arguments: str, says: str
) -> None:
    (tmp_path / "taken").touch()
    (tmp_path / "folder").mkdir()
    assert says in the_one_sentence(incident_kit(*arguments.split(), cwd=tmp_path))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "taken"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("parse log.csv -o log.csv", "log.csv is read, and would be written over"),
        ("parse log.csv -o link.csv", "link.csv is read"),
        ("parse *.csv -o log.csv", "log.csv is read"),
        ("parse . -o log.csv", "log.csv is read"),
        ("parse log.csv -o x.csv --rejects log.csv", "log.csv is read"),
        ("parse log.csv -o x.csv --rejects ./x.csv", "x.csv is written already"),
        ("rollup log.csv -o log.csv", "log.csv is read"),
        ("alerts --targets targets.yml -o targets.yml", "targets.yml is read"),
    ],
)
def test_nothing_is_written_over_what_is_read(
    incident_kit, tmp_path: Path, arguments: str, says: str
) -> None:
    files = {"log.csv": f"{LINE}\n" * 3, "targets.yml": "latency_ms: 100\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("log.csv")
    assert says in the_one_sentence(incident_kit(*arguments.split(), cwd=tmp_path))
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in files} == files


@pytest.mark.skipif(not NO_ROOM.is_dir(), reason="there is no /proc")
@pytest.mark.parametrize("check", [check_files, check_folder])
def test_a_folder_that_takes_no_files_is_refused(check) -> None:
    with pytest.raises(
        OutputError, match=r"/proc/x cannot be written: /proc takes no files .*; name another"
    ):
        check(NO_ROOM / "x")


def test_places_that_are_free_or_may_be_replaced_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("old", encoding="utf-8")
    check_files(None, tmp_path / "old.csv", tmp_path / "new" / "new.csv")
    check_folder(tmp_path / "a" / "b")
    assert [path.name for path in tmp_path.rglob("*")] == ["old.csv"]
    assert (tmp_path / "old.csv").read_text(encoding="utf-8") == "old"
