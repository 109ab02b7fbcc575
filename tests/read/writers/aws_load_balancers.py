r"""AWS load balancers, as the pages about their access logs say: a quote is written as `\x22`."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.record import REQUEST, Record, Writer, iso, nginx_escaped, seconds

COLUMNS = (
    "timestamp", *REQUEST, "host", "client_ip", "client_port", "status", "bytes_sent", "duration_ms",
    "upstream_addr", "upstream_status", "upstream_duration_ms",
)  # fmt: skip


def limits(record: Record) -> Record:
    """The target's time is part of the whole, and the target is absolute."""
    return replace(record, upstream_us=min(record.upstream_us, record.duration_us) // 1000 * 1000)


def _address(record: Record) -> str:
    return f"[{record.client_ip}]" if ":" in record.client_ip else record.client_ip


def _times(record: Record) -> str:
    taken = record.duration_us // 1000 * 1000 - record.upstream_us
    return f"0.000 {seconds(record.upstream_us)} {seconds(taken)}"


def elb_2014(record: Record) -> str:
    url = f"https://{record.host}:443{record.target}"
    return (
        f"{iso(record.at)} shop {_address(record)}:{record.client_port} {record.upstream_addr} "
        f"{_times(record)} {record.status} {record.upstream_status} 34 {record.bytes_sent} "
        f'"{record.method} {nginx_escaped(url)} HTTP/{record.http_version}"'
    )


def elb(record: Record) -> str:
    return f'{elb_2014(record)} "{nginx_escaped(record.user_agent)}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'


def alb_early(record: Record) -> str:
    trace = f"Root=1-{record.trace_id[:8]}-{record.trace_id[8:]}"
    return f'https {elb(record)} arn:aws:targetgroup/shop "{trace}"'


def alb_2018(record: Record) -> str:
    return f'{alb_early(record)} "{record.host}" "-" 1 {iso(record.at)} "forward" "-" "-"'


def alb(record: Record) -> str:
    return f'{alb_2018(record)} "10.0.0.1:80" "200" "-" "-"'


def _absolute(columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in columns if name != "target")


ALB = (*_absolute(COLUMNS), "user_agent", "trace_id")
WRITERS = {
    "aws_alb": Writer(alb, ALB, tick_us=1, limits=limits),
    "aws_alb_connection": Writer(lambda record: f"{alb(record)} TID_12ab", ALB, tick_us=1, limits=limits),
    "aws_alb_transformed": Writer(
        lambda record: f'{alb(record)} TID_12ab "-" "-" "-"', ALB, tick_us=1, limits=limits
    ),
    "aws_alb_2018": Writer(alb_2018, ALB, tick_us=1, limits=limits),
    "aws_alb_later": Writer(lambda record: f"{alb(record)} TID_12ab more", ALB, tick_us=1, limits=limits),
    "aws_alb_early": Writer(alb_early, ALB, tick_us=1, limits=limits),
    "aws_elb_classic": Writer(elb, (*_absolute(COLUMNS), "user_agent"), tick_us=1, limits=limits),
    "aws_elb_classic_2014": Writer(elb_2014, _absolute(COLUMNS), tick_us=1, limits=limits),
}
