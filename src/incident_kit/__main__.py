"""Run the command line with `python -m incident_kit`."""

from incident_kit.cli.main import main

main()
