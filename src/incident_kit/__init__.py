"""Incident analysis for the engineer on call: access logs and traces in, onset, cause and postmortem out.

import incident_kit as ik

log = ik.read_access_log("access.log*")
traces = ik.read_traces("traces.jsonl")
found = ik.diagnose(log.requests, traces.spans)
"""

import lazy_loader

# The names stand in `__init__.pyi`: to roll a log up, nobody should wait for what draws a service graph.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
