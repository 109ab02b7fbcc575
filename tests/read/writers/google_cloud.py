"""Google Cloud's load balancers, as their documentation of the log's fields says."""

from __future__ import annotations

import json

from tests.read.writers.cloud_json import BASIC, URL, known, url
from tests.read.writers.record import Record, Writer, iso, seconds


def gcp(record: Record) -> str:
    request = known(
        requestMethod=record.method, requestUrl=url(record), status=record.status,
        responseSize=str(record.bytes_sent), userAgent=record.user_agent, remoteIp=record.client_ip,
        referer=record.referer, serverIp=record.upstream_addr, latency=f"{seconds(record.duration_us, 6)}s",
        protocol=f"HTTP/{record.http_version}",
    )  # fmt: skip
    return json.dumps(
        {
            "insertId": record.request_id,
            "jsonPayload": {"statusDetails": "response_sent_by_backend", "@type": "type.googleapis.com/x"},
            "httpRequest": request,
            "timestamp": iso(record.at),
            "trace": f"projects/shop/traces/{record.trace_id}",
        }
    )


WRITERS = {
    "gcp_http_load_balancer": Writer(
        gcp, (*BASIC, *URL[1:], "referer", "upstream_addr", "request_id", "trace_id"), tick_us=1, grain_us=1
    ),
}
