"""Write the page of access log formats from the registry.

python docs/formats_page.py > docs/formats.md
"""

from __future__ import annotations

import sys

from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.registry import all_formats, families

HEAD = """\
# Access log formats

This page is generated from the registry by `python docs/formats_page.py > docs/formats.md`; a test checks
that it is up to date.

The format of a log is detected. If a file mixes formats, each line is read with the one that fits it.
`--log-format` (and `log_format=`) names the format instead. It takes one of:

- a name or a family from below;
- the server's own format string: `nginx:$remote_addr …`, `apache:%h %l %u …`, `haproxy:%ci:%cp [%tr] …`,
  `squid:%ts.%03tu %6tr …`, `gunicorn:%(h)s %(l)s …`, or the fields chosen for CloudFront's real-time log,
  `cloudfront:timestamp c-ip …`. The whole directive of the configuration may be given, such as
  `log_format main '…';` or `LogFormat "…" name`. Tomcat's patterns are Apache's, but before Tomcat 10 `%D`
  counts milliseconds: write `%{ms}T` for it;
- a mapping of columns to keys, such as `json:duration_ms=took * 1000,status=resp.code` (`logfmt:` likewise).

Values that have no column among those of the requests are kept in `extra`, under the name that the format
itself uses. If a value was converted, its name ends with the unit.

Wrappers around the lines are taken off: those of Docker (`json-file`), CRI, syslog (RFC 3164, RFC 5424),
journald, `kubectl logs`, `docker compose logs`, log shippers and collectors (JSON with a `message`, or
whatever they call it), Google Cloud and Loki. What they tell of where a line was written is kept in `extra`
under OpenTelemetry's names (`k8s.pod.name`, `container.name`, `host.name`, `cloud.availability_zone` and
others), so that a bad pod or host is found.

A JSON document that holds many records (`{"records": […]}` of Azure, a list of `gcloud`, `{"events": […]}` of
`aws logs filter-log-events`, a response of Elasticsearch, Loki, CloudWatch Insights, Log Analytics or
Datadog) is read as if each record were a line, and line numbers count the records.

A table (CSV with commas, semicolons or tabs below a header, or Parquet), as Kibana, Splunk, Datadog,
CloudWatch, Grafana, Athena and BigQuery export it, is read as if each row were a JSON line with the columns
as keys. A cell may hold a whole line of a log, as a log shipper's `message` does. Names as people read them
are looked up as programs spell them: `Status Code` as `status_code`, `Duration (ms)` as `duration_ms`. Line
numbers count the rows.
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
    sentence = f"{title}; {durations}. The time is the {row.timestamp_is} of the request."
    return f"### {row.name}\n\n{sentence}\n\n```text\n{row.samples[0].line}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(page())
