"""Google Cloud Storage's usage log, as the reader of tables gives its rows."""

from __future__ import annotations

import json

from tests.read.writers.cloud_json import BASIC
from tests.read.writers.record import Record, Writer


def usage(record: Record) -> str:
    row = {
        "time_micros": str(round(record.at.timestamp() * 1_000_000)), "c_ip": record.client_ip,
        "cs_method": record.method, "cs_uri": record.target, "sc_status": str(record.status), "cs_bytes": "0",
        "sc_bytes": str(record.bytes_sent), "time_taken_micros": str(record.duration_us),
        "cs_host": record.host, "cs_referer": record.referer or "", "cs_user_agent": record.user_agent or "",
        "s_request_id": record.request_id, "cs_operation": "GET_Object",
    }  # fmt: skip
    return json.dumps(row)


WRITERS = {
    "gcs_usage": Writer(
        usage,
        (*BASIC, "target", "host", "user_agent", "referer", "request_id"),
        tick_us=1,
        grain_us=1,
    )
}
