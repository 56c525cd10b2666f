"""What a user might take instead to find the events of one kind: a command for each.

They only count: none of them knows windows, keys or deadlines. Python packages come from
``benchmarks/requirements.txt``, jq from the system; a peer that is absent is said to be skipped.
"""

import importlib.util
import shutil
import sys
from pathlib import Path

NAME = "prefect.flow-run.Failed"
FLOW = "daily-revenue"

_DUCKDB = """
import duckdb
print(duckdb.sql('''
    select count(*) from read_json('{log}', format = 'newline_delimited', columns = {columns})
    where {where}
''').fetchall())
"""
_NAME_ONLY = {
    "columns": "{event: 'VARCHAR'}",
    "where": f"event = '{NAME}'",
}
_NESTED = {
    "columns": "{event: 'VARCHAR', occurred: 'VARCHAR', related: 'MAP(VARCHAR, VARCHAR)[]'}",
    "where": f"""event = '{NAME}' and len(list_filter(related, lambda one:
        one['prefect.resource.role'] = 'flow' and one['prefect.resource.name'] = '{FLOW}')) > 0""",
}
_POLARS = f"""
import polars
print(polars.scan_ndjson('{{log}}', schema={{{{'event': polars.String}}}})
    .filter(polars.col('event') == '{NAME}').select(polars.len()).collect())
"""
_ORJSON = f"""
import orjson
found = 0
with open('{{log}}', 'rb') as log:
    for line in log:
        found += orjson.loads(line)['event'] == '{NAME}'
print(found)
"""
_MSGSPEC = f"""
import msgspec
class Event(msgspec.Struct):
    event: str
    occurred: str
decode = msgspec.json.Decoder(Event).decode
found = 0
with open('{{log}}', 'rb') as log:
    for line in log:
        found += decode(line).event == '{NAME}'
print(found)
"""


def commands(log: Path) -> tuple[dict[str, list[str]], list[str]]:
    """Each peer's command, and the names of those that are not there."""
    scripts = {
        "DuckDB, nested label": ("duckdb", _DUCKDB.format(log=log, **_NESTED)),
        "DuckDB, name only": ("duckdb", _DUCKDB.format(log=log, **_NAME_ONLY)),
        "polars, name only": ("polars", _POLARS.format(log=log)),
        "orjson loop, one core": ("orjson", _ORJSON.format(log=log)),
        "msgspec loop, one core": ("msgspec", _MSGSPEC.format(log=log)),
    }
    found: dict[str, list[str]] = {}
    absent = []
    for name, (package, script) in scripts.items():
        if importlib.util.find_spec(package) is None:
            absent.append(name)
        else:
            found[name] = [sys.executable, "-c", script]
    if (jq := shutil.which("jq")) is None:
        absent.append("jq")
    else:
        # Counting inside one jq would hold all of the log; this is its fastest way.
        found["jq"] = [jq, "-c", f'select(.event == "{NAME}") | .id', str(log)]
    return found, absent
