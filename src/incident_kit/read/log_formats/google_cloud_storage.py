"""Google Cloud Storage's usage log: a table, of which each row is read as one JSON line.

The time is when the request was completed, in microseconds.
Source: Google Cloud documentation, "Usage logs & storage logs".
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds

VARIABLES = {
    "time_micros": Variable("timestamp", kinds.ANY_TIME),
    "time_taken_micros": Variable("duration_ms", kinds.MICROSECONDS),
    "cs_method": Variable("method"),
    "cs_uri": Variable("target"),
    "cs_host": Variable("host"),
    "sc_status": Variable("status", kinds.ANY_STATUS),
    "sc_bytes": Variable("bytes_sent", kinds.WHOLE),
    "c_ip": Variable("client_ip"),
    "cs_user_agent": Variable("user_agent"),
    "cs_referer": Variable("referer"),
    "s_request_id": Variable("request_id"),
}

FORMATS = (
    LogFormat(
        "gcs_usage",
        "Google Cloud Storage's usage log",
        JsonLines(VARIABLES, (("time_micros",), ("cs_method",), ("cs_uri",), ("sc_status",))),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '{"time_micros":"1791640536250000","c_ip":"203.0.113.7","cs_method":"GET",'
                '"cs_uri":"/shop/x.png?a=1","sc_status":"200","sc_bytes":"612","time_taken_micros":"250000",'
                '"cs_host":"storage.googleapis.com","cs_operation":"GET_Object","cs_bucket":"shop"}',
                {
                    "duration_ms": 250.0,
                    "path": "/shop/x.png",
                    "host": "storage.googleapis.com",
                    "extra": '{"cs_operation":"GET_Object","cs_bucket":"shop"}',
                },
            ),
        ),
    ),
)
