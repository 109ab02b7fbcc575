"""PHP-FPM's access log: its default, and the longer form that its configuration proposes.

In front of it stands a server that logs the same requests, so beside that server's lines these are no
requests of their own. The time is when the request was received.
Source: PHP's own `www.conf`, setting `access.format`.
"""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

VARIABLES = {
    "client": Variable("client_ip", kinds.ADDRESS),
    "user": Variable("user", Kind(converters.text, pattern=r"\S*")),
    "received": Variable("timestamp", kinds.CLF_TIME),
    # Without a version.
    "method": Variable("method", Kind(converters.text, pattern=r"[A-Z][A-Z-]*")),
    "target": Variable("target", kinds.MAY_HAVE_SPACES),
    "status": Variable("status", kinds.STATUS),
    "script": Variable("script", kinds.MAY_HAVE_SPACES),
    "taken_ms": Variable("duration_ms", kinds.MILLISECONDS),
    "memory_kb": Variable("memory_kb", kinds.WHOLE),
    "cpu": Variable("cpu", Kind(converters.text, pattern=r"\d+\.\d+%")),
}
DEFAULT = '$client - $user $received "$method $target" $status'
LINE = '127.0.0.1 -  10/Oct/2026:13:55:36 +0000 "GET /index.php" 200'

FORMATS = (
    LogFormat(
        "php_fpm",
        "PHP-FPM's default",
        template(DEFAULT, VARIABLES, escaped=False),
        VARIABLES,
        "start",
        samples=(
            Sample(LINE, {"client_ip": "127.0.0.1", "method": "GET", "path": "/index.php", "user": None}),
        ),
        exclusive=True,
    ),
    LogFormat(
        "php_fpm_timed",
        "PHP-FPM's with script, duration, memory and CPU",
        template(f"{DEFAULT} $script $taken_ms $memory_kb $cpu", VARIABLES, escaped=False),
        VARIABLES,
        "start",
        samples=(
            Sample(
                f"{LINE} /srv/index.php 12.345 2048 80.99%",
                {
                    "duration_ms": 12.345,
                    "status": 200,
                    "extra": '{"script":"/srv/index.php","memory_kb":2048,"cpu":"80.99%"}',
                },
            ),
        ),
        aliases=("php_fpm",),
        exclusive=True,
    ),
)
