"""What other engines are asked to do with an nginx log: DuckDB, pandas and ClickHouse, in their own words."""

from __future__ import annotations

PIECES = 14
COLUMNS = ", ".join(f"'p{n}': 'varchar'" for n in range(PIECES))
CSV = (
    "read_csv('{path}', delim='\"', quote='', escape='', header=false, null_padding=true, "
    "ignore_errors=true, strict_mode=false, auto_detect=false, columns={{" + COLUMNS + "}})"
)
FIELDS = (
    "try_strptime(p0[-28:-3], '%d/%b/%Y:%H:%M:%S %z') as stamp, "
    "regexp_replace(split_part(split_part(p1, ' ', 2), '?', 1), '[0-9]+', '{{id}}', 'g') as route, "
    "try_cast(p2[2:4] as smallint) as status, try_cast(split_part(p6, '=', 2)[:-5] as double) as seconds"
)
AGGREGATES = (
    "select date_trunc('minute', stamp), route, count(*), count(*) filter (status >= 500), "
    "approx_quantile(seconds, [0.5, 0.95, 0.99]) from ({source}) group by all"
)
DUCKDB = "import duckdb; c = duckdb.connect(); c.execute('set threads=2'); c.execute({query!r}).fetchall()"
REGEX = r'^(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d+) (\d+) "[^"]*" "[^"]*" rt=(\S+)'
LINES = "read_csv('{path}', delim='\x01', quote='', escape='', header=false, columns={{'line': 'varchar'}})"
DUCKDB_REGEX = (
    "select date_trunc('minute', try_strptime(g.t, '%d/%b/%Y:%H:%M:%S %z')), "
    "regexp_replace(g.p, '[0-9]+', '{{id}}', 'g'), count(*), "
    "approx_quantile(try_cast(g.d as double), [0.5, 0.95, 0.99]) from (select regexp_extract("
    f"line, '{REGEX}', ['a', 't', 'm', 'p', 's', 'b', 'd']) as g from {LINES}) group by all"
)
PANDAS = """
import pandas as pd
lines = pd.read_csv({path!r}, sep="\\x01", header=None, engine="c", quoting=3, dtype=str)[0]
frame = lines.str.extract({regex!r})
minute = pd.to_datetime(frame[1], format="%d/%b/%Y:%H:%M:%S %z", errors="coerce").dt.floor("min")
route = frame[3].str.replace(r"\\d+", "{{id}}", regex=True)
seconds = pd.to_numeric(frame[6], errors="coerce")
seconds.groupby([minute, route]).quantile([0.5, 0.95, 0.99])
"""
CHDB = """
import chdb
chdb.query({query!r})
"""
CHDB_QUERY = (
    "select toStartOfMinute(parseDateTimeBestEffortOrNull(g[2])) m, "
    "replaceRegexpAll(g[4], '[0-9]+', 'id') r, count(), quantiles(0.5, 0.95, 0.99)(toFloat64OrNull(g[7])) "
    "from (select extractGroups(line, '{regex}') g from file('{path}', LineAsString)) group by m, r"
)
