"""Threat: a client that asks for many paths that do not exist, to find a way in.

Example: one client asks for `/.env`, `/wp-login.php`, `/phpmyadmin`, `/.git/config` and `/backup.sql`.
"""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import Refusals, minutes_between, refused_share

NOT_THERE = (400, 403, 404, 405, 410)
PATHS = 25
"""Number of different paths that one client was refused; a broken link or an old bookmark is one path."""
MOSTLY = 0.8
"""And at least four fifths of its requests were refused; a crawler finds most of what it asks for."""
PROBES = 5
"""Or this many different paths that only a scanner asks for; single ones reach every server, all day."""
PROBED = (
    r"(?i)/\.(?:env|git|svn|hg|aws|ssh|htaccess|htpasswd|ds_store|vscode)\b|/wp-(?:login|admin|config|content|includes)"
    r"|/xmlrpc\.php|/phpmyadmin|/pma/|/phpinfo|/(?:vendor/)?phpunit|/cgi-bin/|/boaform|/hnap1|/solr/admin"
    r"|/actuator/(?:env|heapdump|gateway)|/manager/html|/server-status|/etc/passwd|\.\./|%2e%2e|/jenkins/script"
    r"|/(?:backup|dump|database)\.(?:sql|zip|tar|gz)|/config\.(?:json|php|ya?ml)(?:\.bak)?$|/owa/auth|/shell\b|\beval-stdin"
)
"""Paths that are requested in the hope of a forgotten file, an open console or a known vulnerability."""


def find(seen: Refusals) -> Finding | None:
    """Return the finding that a client looked for paths that do not exist."""
    missing = seen.refused.filter(pl.col("status").is_in(NOT_THERE), pl.col("path").is_not_null())
    suspects = _suspects(missing, seen.clients)
    if suspects.is_empty():
        return None
    first = suspects.row(-1, named=True)
    rows = missing.join(suspects.select("client"), on="client", how="semi", nulls_equal=True)
    who = wording.count(suspects.height, "client") if first["network"] else "Somebody"
    paths = wording.count(rows["path"].n_unique(), "path")
    return Finding(
        id="scanner",
        priority="security",
        claim=f"{who} scanned the service for {paths} that it does not have.",
        evidence=f"{_refused(suspects)} {minutes_between(rows)}; "
        f"among them {wording.listed(_examples(rows))}.",
        change="Let the proxy refuse such paths and, for a while, the networks that ask for them.",
        risk="A network may be shared with customers; limit its rate before it is shut out.",
        verify="See that none of these paths was ever answered with 2xx, to anybody.",
        monitor="Clients with 25 different refused paths in an hour.",
    )


def _suspects(missing: pl.DataFrame, clients: pl.DataFrame) -> pl.DataFrame:
    """Return the scanning clients: [client, network, paths, probes, refused, requests], most refused last."""
    probed = pl.col("path").str.contains(PROBED)
    found = missing.group_by("client", "network").agg(
        paths=pl.col("path").n_unique(),
        probes=pl.col("path").filter(probed).n_unique(),
        refused=pl.col("requests").sum(),
    )
    # A rollup has no clients, so there only the requested paths show a scan.
    many = pl.col("client").is_not_null() & (pl.col("paths") >= PATHS)
    return (
        found.join(clients, on="client", how="left")
        .filter((pl.col("probes") >= PROBES) | (many & (pl.col("refused") >= MOSTLY * pl.col("requests"))))
        .sort("refused", "client")
    )


def _refused(suspects: pl.DataFrame) -> str:
    """Say how many of the suspects' requests were refused, and where most came from."""
    refused, requests = suspects.select(pl.col("refused", "requests").sum()).row(0)
    network = suspects["network"][-1]
    if not requests:
        return f"{wording.count(refused, 'request')} refused"
    return f"{refused_share(refused, requests)} of their requests were refused, most of them to {network},"


def _examples(rows: pl.DataFrame) -> list[str]:
    """Return three of the paths, starting with those that only scanners ask for."""
    paths = rows.select("path", probed=pl.col("path").str.contains(PROBED)).unique()
    return paths.sort("probed", "path", descending=[True, False])["path"].head(3).to_list()
