"""`python -m incident_kit` is the command line."""

from incident_kit.cli.main import main

main()
