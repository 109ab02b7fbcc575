"""PHP-FPM, as its `access.format` says."""

from __future__ import annotations

from dataclasses import replace

from tests.read.writers.record import Record, Writer, clf, without

COLUMNS = ("timestamp", "method", "target", "path", "query", "client_ip", "user", "status")


def default(record: Record) -> str:
    return (
        f"{record.client_ip} - {record.user or ''} {clf(record.at)} "
        f'"{record.method} {record.target}" {record.status}'
    )


def timed(record: Record) -> str:
    return f"{default(record)} /srv/index.php {record.duration_us / 1000:.3f} 2048 80.99%"


def limits(record: Record) -> Record:
    return replace(record, target=without('"\\', record.target))


WRITERS = {
    "php_fpm": Writer(default, COLUMNS, limits=limits),
    "php_fpm_timed": Writer(timed, (*COLUMNS, "duration_ms"), grain_us=1, limits=limits),
}
