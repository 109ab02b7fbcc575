"""The public readers, which show their progress where somebody watches."""

from __future__ import annotations

from incident_kit.engines import local, parse
from incident_kit.engines.progress import shown
from incident_kit.read import access_log, traces

read_access_log = shown("lines")(access_log.read_access_log)
read_traces = shown("spans")(traces.read_traces)
rollup = shown("lines")(local.rollup)
parse_access_log = shown("lines")(parse.parse_access_log)
