r"""Wrappers: what runtimes and log shippers write around a line, one row for each way.

Docker, for example, wraps the line `10.0.0.1 - - [...] "GET / HTTP/1.1" 200 612` as

    {"log":"10.0.0.1 - - [...] \"GET / HTTP/1.1\" 200 612\n","stream":"stdout","time":"2026-10-10T13:55:36Z"}

Sources: Docker, "JSON File logging driver"; Kubernetes, CRI logging format; RFC 3164, 5424 and 6587; systemd,
"journalctl" and "Journal JSON Format"; the documentation of stern, kubetail, Fluentd, Graylog, moreutils,
Papertrail, Cloud Foundry, Fly.io and Splunk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from incident_kit.read.values.rewriting import rewrite_matching

LINE = pl.col("line")
# What may end the line inside. A terminal, which Docker gives a container on request, adds a carriage return.
LINE_ENDS = "\r\n"
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*"
# RFC 5424 lets a message in UTF-8 begin with a byte order mark, to tell its encoding.
BYTE_ORDER_MARK = "\ufeff?"
# RFC 5424's structured data about the sender. A bracket inside a quoted value does not end it.
DATA = r'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
COLOUR = r"\x1b\[[0-9;]*m"
# The brackets hold a process id, or the name of a part of the application.
TAG = r"[^\s:\[]+(?:\[[^\s\]]+\])?:"
# Some programs leave out their host. A host does not end with a colon, because then it would be the tag.
SENDER = r"[^\s\[]*[^\s\[:]"
HOST = f"(?:{SENDER} )?"
# The time of RFC 3164, optionally with the year or fraction that some add, or as `journalctl -o short-full`
# or `short-unix` writes it.
SYSLOG_TIME = (
    r"(?:[A-Z][a-z]{2} (?:[ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [A-Z]\w*)|\d{10}\.\d{6})"
)
# Logging frameworks write a time before a message, then a level and a logger in either order. A time in
# brackets after it belongs to the line itself.
LOG_TIME = r"\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?"
LOG_WORD = r"(?:[-|]|(?:\[(?:[\w .-]+|[A-Za-z_][\w .:=/-]*)\])+|[A-Za-z_][\w.-]*(?::[\w.]+)*:?)"
# The suffix of a pod's name. Kubernetes uses no vowels in it, so that it makes no words by chance.
HASH = "[bcdfghjklmnpqrstvwxz2456789]{5}"
# Quotes within a value are not escaped. If it ends with a line feed, what follows stands on the next line.
FLUENT_BIT = (
    r'^\[\d+\] \S+: \[\[?\d+\.\d+(?:, \{.*?\}\])?, \{(?:.*?, )?"(?:log|message)"=>"'
    r'(.*?)(?:"(?:, "[\w.@-]+"=>.*)?\}\])?$'
)
CADDY = r"^(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+)\t\S+\t(http\.\S+)\t[^\t]*\t\{(.*)$"
BLANKS = r"^[ \t]+\S|\S[ \t]+$"
# Two blanks outside of quotes; inside quotes, blanks belong to a value.
TWO_BLANKS, QUOTED_OR_BLANKS = r'^(?:[^"]*"[^"]*")*[^"]*  ', re.compile(r'"[^"]*"|  +')
TWICE = r'^"([^"]*(?:""[^"]*)+)"$'
# A string of JSON, in which quotes are escaped.
ESCAPED = r'^("(?:[^"\\]|\\.)*\\"(?:[^"\\]|\\.)*")$'
BYTES = r"^\[\d+(?:,\d+)*\]$"


@dataclass(frozen=True)
class Wrapper:
    """One way of wrapping lines.

    `inside` is the line inside, null for a line that is not wrapped this way. `goes_on` is true for a piece
    of a line that the next wrapped line of the same `stream` continues. `labels` is what the wrapper may tell
    of where the line was written, by the names in `labels.NAMES`, and `kept` are those that are wanted.
    """

    name: str
    inside: pl.Expr
    goes_on: pl.Expr | None = None
    stream: pl.Expr = field(default_factory=lambda: pl.lit(""))
    labels: Mapping[str, pl.Expr] = field(default_factory=dict)
    kept: Mapping[str, pl.Expr] = field(default_factory=dict)


def _matched(name: str, pattern: str) -> Wrapper:
    """Return the wrapper that a pattern describes. Its named groups are labels; the other is the line."""
    groups = re.compile(pattern).groupindex
    (line,) = {*range(1, len(groups) + 2)} - {*groups.values()}
    labels = {label: LINE.str.extract(pattern, group) for label, group in groups.items()}
    return Wrapper(name, LINE.str.extract(pattern, line), labels=labels)


def _tagged(name: str, head: str) -> Wrapper:
    """Return a syslog wrapper. A number right after the colon is a port, so the "tag" was an address."""
    inside = pl.coalesce(
        LINE.str.extract(f"{head}{HOST}{TAG} (.*)$"), LINE.str.extract(rf"{head}{HOST}{TAG}([^\s\d].*)$")
    )
    return Wrapper(name, inside, labels={"host": LINE.str.extract(f"{head}({SENDER}) {TAG}")})


def _member(name: str, key: str) -> Wrapper:
    """Return a wrapper that holds the line under a key; a key with dots may also be that of inner objects."""
    return Wrapper(name, pl.coalesce(LINE.str.json_path_match(path) for path in _paths(key)))


def _paths(key: str) -> tuple[str, ...]:
    return (f"$.{key}", f"$['{key}']") if "." in key else (f"$['{key}']",)


def _of_bytes(numbers: str) -> str:
    """Return a message that journald writes as a list of bytes because some of them are no text."""
    return bytes(int(number) % 256 for number in re.findall(r"\d+", numbers)).decode(errors="replace")


def _with_single_blanks(line: str) -> str:
    return QUOTED_OR_BLANKS.sub(lambda found: found[0] if found[0].startswith('"') else " ", line)


# Docker ends every whole line with a line feed, and splits lines longer than 16 KB into pieces without one.
# Some shippers that read its files strip all line feeds. So a text without one is a piece only if most texts
# have one, or if it is as long as a piece.
DOCKER_LOG, DOCKER_TIME = (LINE.str.json_path_match(path) for path in ("$.log", "$.time"))
DOCKER_PIECE_BYTES = 16 * 1024
# JSON of structlog or Python's logging holds the time next to the message.
LOGGED, LOGGED_TIME = (
    pl.coalesce(LINE.str.json_path_match(f"$['{name}']") for name in names)
    for names in (("message", "event", "msg"), ("timestamp", "asctime", "@timestamp", "time"))
)
_ENDS = DOCKER_LOG.str.ends_with("\n")
DOCKER_GOES_ON = ~_ENDS & ((_ENDS.mean() >= 0.5) | (DOCKER_LOG.str.len_bytes() >= DOCKER_PIECE_BYTES))

# The keys under which shippers and collectors put a line. GELF, Azure, Splunk and Sumo Logic, Datadog and AWS
# Lambda use names of their own. GELF's short message may hold only the beginning, so its full message comes
# first.
SHIPPED = (
    "message", "msg", "full_message", "short_message", "LogEntry", "LogMessage", "_raw", "attributes.message",
    "record", "event.original", "content", "raw", "_line",
)  # fmt: skip

WRAPPERS = (
    # Some servers write no time of their own, so Docker's is used.
    Wrapper("docker, by its time", pl.concat_str(DOCKER_TIME, pl.lit(" "), DOCKER_LOG)),
    Wrapper("docker", DOCKER_LOG, DOCKER_GOES_ON, LINE.str.json_path_match("$.stream").fill_null("")),
    Wrapper("log shipper, by its time", pl.concat_str(LOGGED_TIME, pl.lit(" "), LOGGED)),
    *(_member("log shipper", key) for key in SHIPPED),
    _member("Google Cloud", "textPayload"),
    # A message that was JSON already is the object itself.
    _member("Google Cloud", "jsonPayload"),
    _member("Loki", "line"),
    Wrapper("journald", rewrite_matching(LINE.str.json_path_match("$.MESSAGE"), BYTES, _of_bytes)),
    _member("CloudWatch", "@message"),
    _member("Elasticsearch", "_source.message"),
    _member("Elasticsearch", "_source"),
    _member("OpenTelemetry", "body.stringValue"),
    _member("OpenTelemetry", "body"),
    _member("OpenTelemetry", "Body"),
    _member("Splunk", "result._raw"),
    # structlog uses this key too.
    _member("Splunk", "event"),
    Wrapper(
        "cri",
        LINE.str.extract(rf"^{ISO} std(?:out|err) [FP] (.*)$"),
        LINE.str.contains(rf"^{ISO} std(?:out|err) P "),
        LINE.str.extract(rf"^{ISO} (std(?:out|err)) ").fill_null(""),
    ),
    # socklog writes the sender and its facility before the time.
    _tagged("syslog", rf"^(?:<\d+>|[\w.]+: \w+\.\w+: )?{SYSLOG_TIME} "),
    _tagged("syslog with ISO times", rf"^(?:<\d+>)?{ISO} "),
    # Over TCP, the message's length may stand before it.
    _matched(
        "syslog RFC 5424",
        rf"^(?:\d+ )?<\d+>1 {ISO} (?P<host>\S+) \S+ \S+ \S+ (?:-|(?:{DATA})+) ?{BYTE_ORDER_MARK}(.*)$",
    ),
    _matched("syslog without a tag", rf"^(?:<\d+>)?{ISO} \S+ +(\{{.*)$"),
    _matched("syslog without a time", rf"^{HOST}[A-Za-z][\w.-]*(?:\[\d+\])?: (.*)$"),
    _matched("Fluentd", rf"^{ISO}\t\S+\t(\{{.*)$"),
    _matched("Fluent Bit's console", FLUENT_BIT),
    _matched("logcli", rf"^{ISO} \{{.*?\}} (.*)$"),
    Wrapper(
        "Caddy's console",
        pl.format('{{"ts":"{}","logger":"{}",{}', *(LINE.str.extract(CADDY, group) for group in (1, 2, 3))),
    ),
    _matched("Ambassador", r"^ACCESS (\[.*)$"),
    _matched("aws logs tail", rf"^{ISO} (?P<stream>[\w.-]+/\S+) (.*)$"),
    _matched("Fly.io", rf"^{ISO} \S+\[(?P<instance>\w+)\] (?P<region>\w+) \[\w+\] ?(.*)$"),
    _matched("Cloud Foundry", rf"^ *{ISO} \[(?P<instance>[\w/.-]+/\d+)\] (?:OUT|ERR) (.*)$"),
    _matched("Papertrail's archive", rf"^\d+\t{ISO}\t{ISO}\t(?:[^\t]*\t){{6}}(.*)$"),
    _matched("ts", rf"^{SYSLOG_TIME} (.*)$"),
    # A quoted value in logfmt is escaped as in JSON.
    Wrapper(
        "logfmt",
        pl.format(
            '{{"line":{}}}', LINE.str.extract(r'(?:^| )(?:msg|message)=("(?:[^"\\]|\\.)*")')
        ).str.json_path_match("$.line"),
    ),
    _matched("kubectl --prefix", r"^\[pod/(?P<pod>[^\s/]+)/?(?P<container>\S*)\] (.*)$"),
    _matched("kubetail", r"^\[(?P<pod>[\w.-]+)(?: (?P<container>[\w.-]+))?\] (.*)$"),
    _matched("docker compose", r"^(?:\d\d:\d\d:\d\d )?(?P<container>\S+) +\| (.*)$"),
    _matched("kubectl --timestamps", rf"^{ISO} (.*)$"),
    _matched("a logger", rf"^{LOG_TIME}(?:[ \t]+{LOG_WORD})*[ \t|:]+(\S.*)$"),
    _matched("Python's logging", r"^[A-Z]+:[\w.]+:(.*)$"),
    _matched(
        "stern of all namespaces",
        rf"^[a-z0-9-]+ +(?P<pod>[a-z][\w.-]*-(?:\d+|{HASH})) +(?P<container>[a-z0-9][\w-]*) +(.*)$",
    ),
    _matched("stern", r"^(?P<pod>[a-z/][\w./-]*) +(?P<container>[a-z0-9][\w./-]*) +(.*)$"),
    _matched("grep", r"^(?:(?P<file>[\w/-]*[./][\w./-]*[A-Za-z][\w./-]*):(?:\d+:)?|\d+:)(.*)$"),
    _matched("cat -n", r"^ *\d+\t(.*)$"),
    # The line was pasted, or its format ends with a blank.
    Wrapper("blanks", pl.when(LINE.str.contains(BLANKS)).then(LINE.str.strip_chars(" \t"))),
    # An nginx format written as several strings easily has a blank at the end of one and at the start of the
    # next. Jetty writes two blanks around an absent user.
    Wrapper(
        "two blanks",
        pl.when(LINE.str.contains(TWO_BLANKS)).then(rewrite_matching(LINE, TWO_BLANKS, _with_single_blanks)),
    ),
    # A CSV cell doubles the quotes inside it.
    Wrapper("quotes, those within twice", LINE.str.extract(TWICE).str.replace_all('""', '"', literal=True)),
    Wrapper(
        "a JSON string",
        pl.format('{{"line":{}}}', LINE.str.extract(ESCAPED)).str.json_path_match("$.line"),
    ),
    _matched("quotes", r'^"(.+)"$'),
    # A JSON list was split into lines.
    _matched("a comma", r"^(\{.*\}),$"),
    # Lumberjack's cookie tells rsyslog that JSON follows.
    _matched("lumberjack", r"^@cee: ?(\{.*)$"),
    # One coloured line is enough, because lines without colours are read unchanged.
    Wrapper("colours", pl.when(LINE.str.contains(COLOUR).any()).then(LINE.str.replace_all(COLOUR, ""))),
)
# Any single line shows that one of these is around it, whatever is around the others.
CERTAIN = ("docker, by its time", "docker", "cri", "syslog", "syslog with ISO times", "syslog RFC 5424")
CERTAIN_WRAPPERS = tuple(wrapper for wrapper in WRAPPERS if wrapper.name in CERTAIN)
