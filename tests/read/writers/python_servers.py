"""uvicorn, as its `AccessFormatter` writes: the path is percent-encoded, the query as it was sent."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote

from tests.read.writers.nginx import combined
from tests.read.writers.record import REQUEST, Record, Writer, apache_escaped, clf, without

COLUMNS = (*REQUEST, "client_ip", "client_port", "status")

SOCKET = ("timestamp", *REQUEST, "user", "status", "bytes_sent", "referer", "user_agent")


def limits(record: Record) -> Record:
    query = "" if record.query is None else f"?{without('', record.query)}"
    return replace(record, target=quote(record.path) + query)


def line(record: Record) -> str:
    known = {status.value: status.phrase for status in HTTPStatus}
    phrase = known.get(record.status, "")
    client = f"{record.client_ip}:{record.client_port}"
    return f'INFO:     {client} - "{record.line}" {record.status} {phrase}'.rstrip()


def timed(record: Record) -> str:
    return f"{record.at.strftime('%Y-%m-%d %H:%M:%S,%f')[:-3]} {line(record)}"


def zoned(record: Record) -> str:
    return f"{record.at.strftime('%Y-%m-%dT%H:%M:%S.%f')}123Z stdout F {line(record)}"


def hypercorn(record: Record) -> str:
    client, request = f"{record.client_ip}:{record.client_port}", f"{record.method} {record.path}"
    return (
        f'{client} - - [{clf(record.at)}] "{request} {record.http_version}" {record.status} '
        f'{record.bytes_sent} "-" "-"'
    )


def without_query(record: Record) -> Record:
    return replace(record, target=quote(record.path))


def aiohttp(record: Record) -> str:
    return (
        f'{record.client_ip} [{clf(record.at)}] "{record.line}" {record.status} {record.bytes_sent} "-" "-"'
    )


def inside_gunicorn(record: Record) -> str:
    return f"[{record.at:%Y-%m-%d %H:%M:%S} +0000] [7] [INFO] {line(record).removeprefix('INFO:     ')}"


def granian(record: Record) -> str:
    return (
        f'[{record.at:%Y-%m-%d %H:%M:%S} +0000] {record.client_ip} - "{record.line}" {record.status} '
        f"{record.duration_us / 1000:.3f}"
    )


def socket(record: Record) -> str:
    return combined(record).removeprefix(record.client_ip)


def http_server(record: Record) -> str:
    return (
        f"{record.client_ip} - - [{record.at.strftime('%d/%b/%Y %H:%M:%S')}] "
        f'"{apache_escaped(record.line)}" {record.status} {record.bytes_sent}'
    )


WRITERS = {
    "gunicorn_socket": Writer(socket, SOCKET),
    "granian": Writer(
        granian,
        ("timestamp", *REQUEST, "client_ip", "status", "duration_ms"),
        grain_us=1,
        limits=without_query,
    ),
    "uvicorn": Writer(line, COLUMNS, limits=limits),
    "uvicorn_timed": Writer(timed, ("timestamp", *COLUMNS), tick_us=1000, limits=limits),
    "uvicorn_zoned": Writer(zoned, ("timestamp", *COLUMNS), tick_us=1, limits=limits),
    "hypercorn": Writer(hypercorn, ("timestamp", *COLUMNS, "bytes_sent"), limits=without_query),
    "aiohttp": Writer(aiohttp, ("timestamp", *REQUEST, "client_ip", "status", "bytes_sent"), limits=limits),
    "python_http_server": Writer(http_server, ("timestamp", *REQUEST, "client_ip", "status", "bytes_sent")),
    "uvicorn_gunicorn": Writer(inside_gunicorn, ("timestamp", *COLUMNS), limits=limits),
}
