"""`--version` says what is installed."""

from importlib.metadata import version


def test_the_version_is_that_of_the_package(incident_kit) -> None:
    asked = incident_kit("--version")
    assert (asked.returncode, asked.stdout) == (0, f"incident-kit {version('incident-kit')}\n")
