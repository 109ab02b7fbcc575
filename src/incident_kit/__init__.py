"""Incident analysis for the engineer on call: access logs and traces in, onset, cause and postmortem out.

import incident_kit as ik

log = ik.read_access_log("access.log*")
traces = ik.read_traces("traces.jsonl")
found = ik.diagnose(log.requests, traces.spans)
"""

from incident_kit.diagnosis.compare import Comparison, compare
from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence, gather
from incident_kit.engines.reading import read_access_log, read_traces, rollup
from incident_kit.engines.rollup_file import read_rollup, write_rollup
from incident_kit.errors import IncidentKitError
from incident_kit.measure.attribute_contrast import attribute_contrast
from incident_kit.measure.calls import calls
from incident_kit.measure.clock_skew import clock_skew, correct_clocks
from incident_kit.measure.critical_path import compare_stacks, critical_path
from incident_kit.measure.error_origin import error_origins
from incident_kit.measure.explain_trace import explain_trace
from incident_kit.measure.failure_impact import failure_impact
from incident_kit.measure.latency_bands import latency_bands
from incident_kit.measure.red import red
from incident_kit.measure.rollup import Rollup, rollup_requests
from incident_kit.measure.service_graph import service_graph
from incident_kit.measure.span_time import span_time
from incident_kit.measure.trace_health import trace_health
from incident_kit.measure.typical_traces import typical_traces
from incident_kit.measure.what_if import slack_and_drag, what_if
from incident_kit.plot.changes import plot_changes
from incident_kit.plot.dependencies import plot_dependencies
from incident_kit.plot.flame_graph import plot_flame_comparison, plot_flame_graph
from incident_kit.plot.latency_heatmap import plot_latency_heatmap
from incident_kit.plot.operation_heatmap import plot_operation_heatmap
from incident_kit.plot.red import plot_red
from incident_kit.plot.service_graph import plot_service_graph
from incident_kit.plot.shares import plot_shares
from incident_kit.plot.waterfall import plot_waterfall
from incident_kit.read.access_log import AccessLog
from incident_kit.read.traces import Traces
from incident_kit.reports.explorer import explore
from incident_kit.reports.inputs import read_inputs
from incident_kit.reports.parameter_check import check_parameters
from incident_kit.reports.run import Report, report
from incident_kit.reports.tables import table
from incident_kit.reports.verdict import verdict
from incident_kit.slo import Slo, Targets
from incident_kit.window import Window

__all__ = [
    "AccessLog",
    "Comparison",
    "Diagnosis",
    "Evidence",
    "IncidentKitError",
    "Report",
    "Rollup",
    "Slo",
    "Targets",
    "Traces",
    "Window",
    "attribute_contrast",
    "calls",
    "check_parameters",
    "clock_skew",
    "compare",
    "compare_stacks",
    "correct_clocks",
    "critical_path",
    "diagnose",
    "error_origins",
    "explain_trace",
    "explore",
    "failure_impact",
    "gather",
    "latency_bands",
    "plot_changes",
    "plot_dependencies",
    "plot_flame_comparison",
    "plot_flame_graph",
    "plot_latency_heatmap",
    "plot_operation_heatmap",
    "plot_red",
    "plot_service_graph",
    "plot_shares",
    "plot_waterfall",
    "read_access_log",
    "read_inputs",
    "read_rollup",
    "read_traces",
    "red",
    "report",
    "rollup",
    "rollup_requests",
    "service_graph",
    "slack_and_drag",
    "span_time",
    "table",
    "trace_health",
    "typical_traces",
    "verdict",
    "what_if",
    "write_rollup",
]
