"""What messages of errors mean, and what to do about them, by the words that runtimes and servers use.

Example: `getaddrinfo ENOTFOUND orders.internal` (Node.js), `Name or service not known` (glibc) and
`UnknownHostException` (Java) all mean that a name could not be resolved.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Meaning(NamedTuple):
    """What a kind of messages means, the words by which it is known, and what to do."""

    says: str
    words: re.Pattern[str]
    change: str
    risk: str
    verify: str
    monitor: str


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


UNRESOLVED = Meaning(
    "a name could not be resolved",
    _words(
        r"\bdns\b", r"dns_?error", "name resolution", "name or service not known", "nodename nor servname",
        "ENOTFOUND", "EAI_", "getaddrinfo", "gaierror", "NXDOMAIN", "SERVFAIL", "no such host",
        "unknown ?host", "(?:not|n't) (?:be )?resolve", r"\bresolve host",
    ),
    "Resolve the name from where the calls are made, and compare the resolver, the search domains and the "
    "record with what they were; neither end of the call has to be at fault.",
    "A record that was cached wrong is wrong until its time to live is over.",
    "Resolve the name from every host and pod that makes the calls.",
    "Failed look-ups by name and by resolver.",
)  # fmt: skip

MEANINGS = (
    UNRESOLVED,
    Meaning(
        "the other end closed the connection",
        _words("connection (?:was )?(?:reset|closed|aborted|lost)", "ECONNRESET", "EPIPE", "broken pipe",
               "socket hang ?up", "premature", "unexpected(?:ly)? (?:EOF|end)", r"\bEOF\b",
               "server (?:has gone|closed|terminated)", "closed (?:the connection|unexpectedly)",
               "connection termination", "RemoteDisconnected", r"\bstream\b.*reset",
               "terminating connection"),
        "Look for crashes and restarts of the other end, and for a keep-alive time-out there that is shorter "
        "than the caller's.",
        "A longer keep-alive holds more idle connections.",
        "Deploy the other end under load in a test: no call may fail.",
        "Resets by callee, restarts, and memory at the time of them.",
    ),
    Meaning(
        "a certificate or the TLS handshake was refused",
        _words("certificate", "x509", r"\bTLS\b", r"\bSSL\b", "handshake", "PKIX"),
        "See whether the certificate expired, names another host or has an issuer that the caller does not "
        "trust, and whether either end was given other protocol versions.",
        "Turning verification off hides the next such failure, and an attack.",
        "Open a connection with the caller's own trust store in a test.",
        "Days until each certificate expires.",
    ),
    Meaning(
        "no connection was left in a pool, or the server takes no more of them",
        _words(
            r"pool\b.*(?:exhaust|time|limit|full|wait)", "(?:time|wait|exhaust).*\\bpool", "QueuePool",
            "Hikari", "too many (?:clients|connections)", "connection slots", "max_connections",
            "PoolTimeout", "PoolExhausted", "no (?:more|free|available|idle) connections?\\b",
            "no connections? (?:is |are )?(?:left|free|available)",
        ),
        "Find what holds the connections (slow statements, transactions left open, a leak, more instances "
        "than before) and give it a time-out; then compare the pools' sizes with what the server takes.",
        "A larger pool moves the queue into the database.",
        "Load it in a test, and see connections come back to the pool.",
        "Connections in use and waiting for one, by pool.",
    ),
    Meaning(
        "locks: transactions waited for each other",
        _words("deadlock", "lock wait", "lock timeout", "could not obtain lock", "could not serialize",
               "LockNotAvailable", "database is locked"),
        "Find the transaction that holds the lock (a migration, a batch, one left open) and end it; try "
        "again what was rolled back by a deadlock.",
        "Ending a transaction undoes its work.",
        "Run the two transactions against each other in a test.",
        "Lock waits and deadlocks, and the age of the oldest transaction.",
    ),
    Meaning(
        "the schema is not what the code expects",
        _words("no such (?:table|column)", "(?:relation|column|table|function) .*does(?: not|n't) exist",
               "unknown column", "Undefined(?:Column|Table)", "invalid object name", "ORA-0094[24]",
               "ORA-00904"),
        "Compare the migrations that ran with those that the release needs, and run or take back one of the "
        "two.",
        "A migration taken back may lose what was written since.",
        "Run the release against a copy of the schema.",
        "Version of the schema beside that of the release.",
    ),
    Meaning(
        "there was no space to write, or writing was not allowed",
        _words("no space left", "disk (?:is )?full", "ENOSPC", "read-?only file ?system", "EROFS",
               "quota exceeded.*(?:disk|storage)", "could not extend"),
        "Free or add space where it is written (logs, temporary files, old data), and see why a file system "
        "or a database became read-only.",
        "What is deleted in a hurry may be needed.",
        "Write a file there.",
        "Free space and inodes, with the time left at the present rate.",
    ),
    Meaning(
        "memory ran out",
        _words("out ?of ?memory", r"\bOOM", "cannot allocate memory", "ENOMEM", "heap space", "MemoryError"),
        "Compare memory and its limit with the days before; take back what was released, or give it more "
        "while you look for what grew.",
        "More memory for one takes it from others on the host.",
        "Load it in a test until memory stays level.",
        "Memory in use, restarts, and time in garbage collection.",
    ),
    Meaning(
        "a limit on the rate or on a quota was reached",
        _words("too many requests", "rate.?limit", "rate exceeded", "throttl", "resource.?exhausted",
               "quota", "slow ?down", r"\b429\b", "ProvisionedThroughput"),
        "Find who asks so much more often (a retry, a loop, a lost cache, a batch) and slow it down; then "
        "ask for a higher limit.",
        "A higher limit can move the overload to what it protects.",
        "Count the calls of one request in a test.",
        "Calls against the limit, by caller.",
    ),
    Meaning(
        "the caller was not let in",
        _words("access.?denied", "permission.?denied", "unauthori[sz]ed", "unauthenticated", "forbidden",
               "authentication (?:failed|required)", "invalid (?:credentials|token|api key|password)",
               "(?:token|credentials?)(?: has| have|) expired", "expired ?token", "password authentication",
               "signature.*(?:match|invalid|expired)", "login failed"),
        "See what changed for the caller's account: a secret that was rotated or expired, a role or a "
        "policy, a clock that is wrong.",
        "A wider role than needed stays when the incident is over.",
        "Make the call with the caller's own credentials.",
        "Refused calls by caller, and days until each secret expires.",
    ),
    Meaning(
        "a circuit breaker was open",
        _words("circuit.?(?:breaker)?", "CallNotPermitted", "BrokenCircuit"),
        "Look at the calls that opened the breaker, just before; it fails the others at once, as it should.",
        "A breaker that is closed by hand lets the load back on what fails.",
        "Let a few calls through, and see them answered.",
        "State of each breaker, and the failures that opened it.",
    ),
    Meaning(
        "nothing listens at the address that was called",
        _words("connection refused", "ECONNREFUSED", "connect.*refused", "actively refused"),
        "See whether the process runs and listens on that port (crash, deploy, health check), and whether "
        "it still has that address.",
        "A restart loses what would show why it stopped.",
        "Open a connection to the address from the caller's host.",
        "Restarts, and instances ready behind each address.",
    ),
    Meaning(
        "the address that was called cannot be reached",
        _words("no route to host", "EHOSTUNREACH", "ENETUNREACH", "network is unreachable", "host is down",
               "no healthy upstream", "no connection established", "connect(?:ion)?[ _]?time(?:d )?.?out",
               "ConnectTimeout", "connection failure", "connect ETIMEDOUT", "dial .*time(?:d )?.?out"),
        "Look at the network between the two: hosts that are gone, firewall rules and policies, routes, "
        "load balancers without a healthy target.",
        "A rule that is opened wide in a hurry stays open.",
        "Open a connection to the address from the caller's host.",
        "Failed connections by caller and address.",
    ),
    Meaning(
        "an answer took longer than the time-out",
        _words("time(?:d)?[ _-]?out", "deadline.?exceeded", "ETIMEDOUT", "canceling statement",
               "TimeoutError", "context canceled", "was cancell?ed"),
        "Find what the answer waited for; the time-out that cuts it off is where the failure shows, not why.",
        "A longer time-out only lets more requests wait.",
        "Slow the callee down in a test: the caller must answer without it.",
        "Time-outs by caller and callee, and the callee's p99 against them.",
    ),
    Meaning(
        "the code failed on what it was given",
        _words("NullPointer", "nil pointer", "null reference", "NoneType", "is not a function",
               "undefined is not", "of undefined", "of null", "KeyError", "TypeError", "AttributeError",
               "IndexError", "IndexOutOf", "index out of range", "ClassCast", "NumberFormat", "ValueError",
               "JSONDecode", "unmarshal", "panic", "segmentation fault", "assert"),
        "Take back what was released or set just before; else look for input of a new kind.",
        "A roll-back also takes back other changes.",
        "Replay a failed request against the former release and this one.",
        "Errors by type and release.",
    ),
)  # fmt: skip
"""The kinds of messages, from the one that says most about its reason; the first that fits counts."""


UNKNOWN = Meaning(
    "",
    _words(""),
    "Search the code and the logs of the service for this text, and see what changed there just before.",
    "The first error may hide the one that caused it.",
    "Replay a failed request in a test.",
    "Errors by message and release.",
)


def meaning_of(message: str) -> Meaning:
    """Return what a message means, `UNKNOWN` if none of its words is known."""
    return next((meaning for meaning in MEANINGS if meaning.words.search(message)), UNKNOWN)
