"""W3C extended logs, as Microsoft's documentation of the fields says."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.record import Record, Writer, dash, query_or_none, without

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "client_ip", "status", "bytes_sent", "duration_ms",
    "user_agent",
)  # fmt: skip
IIS = (
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status "
    "sc-bytes time-taken"
)
ADVANCED = "date-local time-local cs-method cs-uri-stem c-ip cs(User-Agent) sc-status sc-bytes TimeTakenMS"
TABS = "date\ttime\tc-ip\tcs-method\tcs-uri-stem\tcs-uri-query\tsc-status\tsc-bytes\ttime-taken"


def _spaced(text: str | None) -> str | None:
    """Return the text as IIS gives it back: it writes a space as a plus sign.

    Quotes around the whole look like those that others put around every text.
    """
    return without("", text) and str(without("", text)).strip('"').replace("+", " ")


def iis_limits(record: Record) -> Record:
    return replace(query_or_none(record), user_agent=_spaced(record.user_agent))


def iis(record: Record) -> str:
    agent = dash(record.user_agent).replace(" ", "+")
    return (
        f"{record.at:%Y-%m-%d %H:%M:%S} 10.0.0.1 {record.method} {record.path} {dash(record.query)} 443 "
        f"{dash(record.user)} {record.client_ip} {agent} {record.status} {record.bytes_sent} "
        f"{record.duration_us // 1000}"
    )


def advanced(record: Record) -> str:
    agent = f'"{record.user_agent}"' if record.user_agent else "-"
    return (
        f"{record.at:%Y-%m-%d %H:%M:%S}.{record.at.microsecond // 1000:03d} {record.method} {record.path} "
        f'"{record.client_ip}" {agent} {record.status} {record.bytes_sent} {record.duration_us // 1000}'
    )


def tabs(record: Record) -> str:
    return (
        f"{record.at:%Y-%m-%d\t%H:%M:%S}\t{record.client_ip}\t{record.method}\t{record.path}\t"
        f"{dash(record.query)}\t{record.status}\t{record.bytes_sent}\t{record.duration_us // 1000}"
    )


WRITERS = {
    "iis_w3c": Writer(iis, (*COLUMNS, "user"), head=f"#Fields: {IIS}", limits=iis_limits),
    "iis_advanced": Writer(
        advanced,
        ("timestamp", "method", "path", "client_ip", "status", "bytes_sent", "duration_ms"),
        tick_us=1000,
        head=f"#Fields: {ADVANCED}",
        limits=iis_limits,
    ),
    "w3c_tabs": Writer(tabs, COLUMNS[:-1], head=f"#Fields: {TABS}", limits=iis_limits),
}
