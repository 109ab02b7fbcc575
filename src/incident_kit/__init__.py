"""Incident analysis for the engineer on call: access logs and traces in, onset, cause and postmortem out.

import incident_kit as ik

log = ik.read_access_log("access.log*")
traces = ik.read_traces("traces.jsonl")
found = ik.diagnose(log.requests, traces.spans)
"""

import lazy_loader

# The public names are in `__init__.pyi` and load lazily, so that a rollup need not wait for graph drawing to
# load.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
