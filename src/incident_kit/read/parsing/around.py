"""What runtimes and log shippers put around a line, one row a way.

Sources: Docker, "JSON File logging driver"; Kubernetes, CRI logging format; RFC 3164, 5424 and 6587;
systemd, "journalctl" and "Journal JSON Format"; the documentation of stern, kubetail, Fluentd, Graylog,
moreutils, Papertrail, Cloud Foundry, Fly.io and Splunk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from incident_kit.read.values.rewriting import rewritten

LINE = pl.col("line")
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*"
# A message in UTF-8 may begin with a byte order mark, by which RFC 5424 tells its encoding.
MARK = "\ufeff?"
# Within the quotes of a value brackets are not the end of what tells the sender.
DATA = r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
COLOUR = r"\x1b\[[0-9;]*m"
# In the brackets stands a process, or what of an application it is.
TAG = r"[^\s:\[]+(?:\[[^\s\]]+\])?:"
# Some programs leave out their host; its name ends with no colon, or it would be the tag.
HOST = r"(?:[^\s\[]*[^\s\[:] )?"
# As RFC 3164 says, with a year or a fraction as some add them, or as `journalctl -o short-full` writes it.
SYSLOG_TIME = (
    r"[A-Z][a-z]{2} (?:[ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]\w*)"
)
# What frameworks for logging write before a message: its time, and its level and logger in any order.
LOG_TIME = r"\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?"
LOG_WORD = r"(?:[-|]|\[[\w .-]+\]|[A-Za-z_][\w.-]*(?::[\w.]+)*:?)"
# What ends the name of a pod: Kubernetes makes no words of it by chance, for it takes no vowels.
HASH = "[bcdfghjklmnpqrstvwxz2456789]{5}"
CADDY = r"^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+)\t\S+\t(http\.\S+)\t[^\t]*\t\{(.*)$"
BLANKS = r"^[ \t]+\S|\S[ \t]+$"
# Outside of quotes; within them blanks belong to a value.
TWO_BLANKS, QUOTED_OR_BLANKS = r'^(?:[^"]*"[^"]*")*[^"]*  ', re.compile(r'"[^"]*"|  +')
TWICE = r'^"([^"]*(?:""[^"]*)+)"$'
BYTES = r"^\[\d+(?:,\d+)*\]$"


@dataclass(frozen=True)
class Wrapper:
    """One way of wrapping: the line inside (null where a line is not wrapped so), and which lines go on."""

    name: str
    inside: pl.Expr
    goes_on: pl.Expr | None = None


def _matched(name: str, pattern: str, goes_on: pl.Expr | None = None) -> Wrapper:
    return Wrapper(name, LINE.str.extract(pattern), goes_on)


def _tagged(name: str, head: str) -> Wrapper:
    """Return a way of syslog; a number right after the colon is a port, and what was the tag an address."""
    return Wrapper(
        name, pl.coalesce(LINE.str.extract(f"{head} (.*)$"), LINE.str.extract(rf"{head}([^\s\d].*)$"))
    )


def _member(name: str, path: str) -> Wrapper:
    return Wrapper(name, LINE.str.json_path_match(path))


def _of_bytes(numbers: str) -> str:
    """Return a message that journald tells byte by byte, for it holds some that are no text."""
    return bytes(int(number) % 256 for number in re.findall(r"\d+", numbers)).decode(errors="replace")


def _with_single_blanks(line: str) -> str:
    return QUOTED_OR_BLANKS.sub(lambda found: found[0] if found[0].startswith('"') else " ", line)


# Docker ends every whole line with a line feed, and cuts those that are longer than 16 KB; some shippers that
# read its files take all line feeds off.
DOCKER_LOG, DOCKER_TIME = (LINE.str.json_path_match(path) for path in ("$.log", "$.time"))
DOCKER_PIECE_BYTES = 16 * 1024
_ENDS = DOCKER_LOG.str.ends_with("\n")
DOCKER_GOES_ON = ~_ENDS & ((_ENDS.mean() >= 0.5) | (DOCKER_LOG.str.len_bytes() >= DOCKER_PIECE_BYTES))

# Where shippers and collectors put a line: GELF, Azure, Splunk and Sumo Logic, Datadog and AWS Lambda have
# names of their own. Of GELF's two the short one may be a beginning only.
SHIPPED = (
    "message", "msg", "full_message", "short_message", "LogEntry", "LogMessage", "_raw", "attributes.message",
    "record",
)  # fmt: skip

WRAPPERS = (
    # Some servers write no time of their own: theirs is the one that Docker took.
    Wrapper("docker, by its time", pl.concat_str(DOCKER_TIME, pl.lit(" "), DOCKER_LOG)),
    Wrapper("docker", DOCKER_LOG, DOCKER_GOES_ON),
    *(_member("log shipper", f"$.{name}") for name in SHIPPED),
    _member("Google Cloud", "$.textPayload"),
    # Of what was JSON already, the object itself.
    _member("Google Cloud", "$.jsonPayload"),
    _member("Loki", "$.line"),
    Wrapper("journald", rewritten(LINE.str.json_path_match("$.MESSAGE"), BYTES, _of_bytes)),
    _member("CloudWatch", "$['@message']"),
    _member("Elasticsearch", "$._source.message"),
    _member("Elasticsearch", "$._source"),
    _member("OpenTelemetry", "$.body.stringValue"),
    _member("OpenTelemetry", "$.body"),
    _member("OpenTelemetry", "$.Body"),
    _member("Splunk", "$.result._raw"),
    _member("Splunk", "$.event"),
    _matched("cri", rf"^{ISO} std(?:out|err) [FP] (.*)$", LINE.str.contains(rf"^{ISO} std(?:out|err) P ")),
    _tagged("syslog", rf"^(?:<\d+>)?{SYSLOG_TIME} {HOST}{TAG}"),
    _tagged("syslog with ISO times", rf"^(?:<\d+>)?{ISO} {HOST}{TAG}"),
    # Over TCP its length may stand before it.
    _matched("syslog RFC 5424", rf"^(?:\d+ )?<\d+>1 {ISO} \S+ \S+ \S+ \S+ (?:-|(?:{DATA})+) ?{MARK}(.*)$"),
    _matched("syslog without a tag", rf"^(?:<\d+>)?{ISO} \S+ +(\{{.*)$"),
    _matched("syslog without a time", rf"^{HOST}[A-Za-z][\w.-]*(?:\[\d+\])?: (.*)$"),
    _matched("Fluentd", rf"^{ISO}\t\S+\t(\{{.*)$"),
    _matched("logcli", rf"^{ISO} \{{.*?\}} (.*)$"),
    Wrapper(
        "Caddy's console",
        pl.format('{{"ts":"{}","logger":"{}",{}', *(LINE.str.extract(CADDY, group) for group in (1, 2, 3))),
    ),
    _matched("Ambassador", r"^ACCESS (\[.*)$"),
    _matched("aws logs tail", rf"^{ISO} [\w.-]+/\S+ (.*)$"),
    _matched("Fly.io", rf"^{ISO} \S+\[\w+\] \w+ \[\w+\] ?(.*)$"),
    _matched("Cloud Foundry", rf"^ *{ISO} \[[\w/.-]+/\d+\] (?:OUT|ERR) (.*)$"),
    _matched("Papertrail's archive", rf"^\d+\t{ISO}\t{ISO}\t(?:[^\t]*\t){{6}}(.*)$"),
    _matched("ts", rf"^{SYSLOG_TIME} (.*)$"),
    # What is quoted in logfmt is escaped as in JSON.
    Wrapper(
        "logfmt",
        pl.format(
            '{{"line":{}}}', LINE.str.extract(r'(?:^| )(?:msg|message)=("(?:[^"\\]|\\.)*")')
        ).str.json_path_match("$.line"),
    ),
    _matched("kubectl --prefix", r"^\[pod/\S+\] (.*)$"),
    _matched("kubetail", r"^\[[\w.-]+(?: [\w.-]+)?\] (.*)$"),
    _matched("docker compose", r"^(?:\d\d:\d\d:\d\d )?\S+ +\| (.*)$"),
    _matched("kubectl --timestamps", rf"^{ISO} (.*)$"),
    _matched("a logger", rf"^{LOG_TIME}(?:[ \t]+{LOG_WORD})*[ \t|:]+(\S.*)$"),
    _matched("Python's logging", r"^[A-Z]+:[\w.]+:(.*)$"),
    _matched("stern of all namespaces", rf"^[a-z0-9-]+ +[a-z][\w.-]*-(?:\d+|{HASH}) +[a-z0-9][\w-]* +(.*)$"),
    _matched("stern", r"^[a-z/][\w./-]* +[a-z0-9][\w./-]* +(.*)$"),
    _matched("grep", r"^(?:[\w/-]*[./][\w./-]*[A-Za-z][\w./-]*:(?:\d+:)?|\d+:)(.*)$"),
    # A line was pasted, or its format ends with a blank.
    Wrapper("blanks", pl.when(LINE.str.contains(BLANKS)).then(LINE.str.strip_chars(" \t"))),
    # An nginx format of several strings easily has a blank at the end of one and at the start of the next;
    # Jetty writes two around a user who is nobody.
    Wrapper(
        "two blanks",
        pl.when(LINE.str.contains(TWO_BLANKS)).then(rewritten(LINE, TWO_BLANKS, _with_single_blanks)),
    ),
    # A cell of CSV, in which quotes are written twice.
    Wrapper("quotes, those within twice", LINE.str.extract(TWICE).str.replace_all('""', '"', literal=True)),
    _matched("quotes", r'^"(.+)"$'),
    # A list was cut into lines.
    _matched("a comma", r"^(\{.*\}),$"),
    # Lumberjack's cookie, which tells rsyslog that JSON follows.
    _matched("lumberjack", r"^@cee: ?(\{.*)$"),
    # One line in colours is enough: the others are read inside of them as well.
    Wrapper("colours", pl.when(LINE.str.contains(COLOUR).any()).then(LINE.str.replace_all(COLOUR, ""))),
)
