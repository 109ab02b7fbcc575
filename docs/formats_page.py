"""Writes the page of access log formats from the registry.

python docs/formats_page.py > docs/formats.md
"""

from __future__ import annotations

import sys

from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.registry import all_formats, families

HEAD = """\
# Access log formats

This page is made from the registry by `python docs/formats_page.py > docs/formats.md`; a test holds it to it.

A format is detected, line by line where a file is mixed. `--log-format` (and `log_format=`) takes a name or a
family from below, or the server's own string: `nginx:$remote_addr …`, `apache:%h %l %u …`,
`haproxy:%ci:%cp [%tr] …`, `squid:%ts.%03tu %6tr …`, `gunicorn:%(h)s %(l)s …`, the fields that were chosen of
CloudFront's real-time log, `cloudfront:timestamp c-ip …`, or a mapping of keys to columns, such as
`json:duration_ms=took * 1000,status=resp.code` (`logfmt:` likewise). Of nginx and Apache the whole directive
may be given, `log_format …` or `LogFormat …`; Tomcat's patterns are Apache's, but before its version 10 `%D`
counts milliseconds, for which `%{ms}T` is written here. What a format has besides the columns of the requests
is kept in `extra`, under the name the format itself uses, or one that ends with the unit where it was
converted.

Around the lines may be what Docker (`json-file`), CRI, syslog (RFC 3164, RFC 5424), journald, `kubectl logs`,
`docker compose logs`, log shippers and collectors (JSON with a `message`, or what else they call it), Google
Cloud or Loki put there. A JSON document that holds many records (`{"records": […]}` of Azure, a list of
`gcloud`, `{"events": […]}` of `aws logs filter-log-events`, Elasticsearch's answer) is read as if each were a
line, and line numbers count them.
"""


def page() -> str:
    """Return the page in Markdown."""
    sections = [_section(family, rows) for family, rows in families().items()]
    return "\n".join([HEAD, f"{len(all_formats())} formats in {len(sections)} families.\n", *sections])


def _section(family: str, rows: tuple[LogFormat, ...]) -> str:
    return "\n".join([f"## {family}\n", *(_entry(row) for row in rows)])


def _entry(row: LogFormat) -> str:
    written = {name.partition("#")[0] for name in getattr(row.layout, "names", row.variables)}
    told = {variable.column for name, variable in row.variables.items() if name in written} | set(row.derived)
    durations = "with durations" if "duration_ms" in told else "without durations"
    title = f"{row.description[:1].upper()}{row.description[1:]}"
    sentence = f"{title}; {durations}. The time is the {row.stamp} of the request."
    return f"### {row.name}\n\n{sentence}\n\n```text\n{row.samples[0].line}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(page())
