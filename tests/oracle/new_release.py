"""When Prefect releases: which rules does the new server no longer keep?

``python tests/oracle/new_release.py 3.10.0`` installs that version in an environment of its own, has
it run the recorded cases of the newest server and fresh random ones, and tells which differ from
the newest dialect, by the rules that decided in them.

``python tests/oracle/new_release.py 3.6.22 --record tests/conformance/server-3.6-cases.jsonl`` writes
down what an older server fires in random cases; so the cases of versions that CI does not install
were made.

The server is the installed one, driven as ``server_engine.py`` drives it; where its code has changed
so that this fails, the error is shown.
"""

import argparse
import json
import sys
import venv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY))

from tests.oracle import ours  # noqa: E402
from tests.oracle.cases import cases, drawn  # noqa: E402
from tests.oracle.client import Oracle, OracleFailure  # noqa: E402
from tests.oracle.make_environment import install, python_of  # noqa: E402
from trigger_cli.dialects import SERVER, dialect_of_version  # noqa: E402

CONFORMANCE = REPOSITORY / "tests" / "conformance"


def main() -> None:
    """Install, compare, tell, or record; exit 1 if something differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("version", help="such as 3.10.0")
    parser.add_argument("--cases", type=int, default=300, help="fresh random cases  [300]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write its firings to this file"
    )
    parser.add_argument("--python", type=Path, help="of an environment that has it already")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="prefect-") as folder:
        python = asked.python or installed(asked.version, Path(folder))
        oracle = Oracle(asked.version, python)
        if asked.record:
            record(oracle, drawn(cases(), asked.cases, asked.seed), asked.record)
            oracle.close()
            return
        count, differing = 0, []
        for case in (*recorded(), *drawn(cases(), asked.cases, asked.seed)):
            count += 1
            if said := difference(oracle, case):
                differing.append((case, said))
        oracle.close()
    print(
        f"{asked.version} against the dialect {SERVER.name}: {count} cases, {len(differing)} differ"
    )
    rules: Counter[str] = Counter()
    for case, said in differing:
        rules.update({one.rule for one in ours.transitions(case, SERVER.name)})
        print(f"  {case.get('case', 'random')}: {said}")
        print(f"    {json.dumps(case)}")
    if differing:
        told = ", ".join(f"{rule} in {many}" for rule, many in rules.most_common())
        print(f"Rules that decided in them: {told}")
    raise SystemExit(bool(differing))


def installed(version: str, folder: Path) -> Path:
    """The Python of a new environment with that version and what it needs today."""
    venv.create(folder)
    python = python_of(folder)
    install(python, f"prefect=={version}")
    return python


def record(oracle: Oracle, asked: list[dict[str, Any]], path: Path) -> None:
    """Write each case with the server's firings, as the tests of the command line read them."""
    dialect = dialect_of_version(oracle.version)
    assert dialect is not None, f"no dialect is known for {oracle.version}"
    with path.open("w", encoding="utf-8") as file:
        for number, drawn in enumerate(asked, 1):
            case = without_lists(drawn) if dialect.related_list_refused else drawn
            try:
                firings = oracle.firings(case)
            except OracleFailure:  # it refuses the definitions
                continue
            line = {
                "case": f"{oracle.version}-{number}",
                **case,
                "firings": {dialect.name: firings},
            }
            file.write(json.dumps(line, separators=(",", ":")) + "\n")


def without_lists(value: Any) -> Any:
    """A case in which each ``match_related`` is one object, where it was a list (D20)."""
    if isinstance(value, list):
        return [without_lists(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: without_lists(one) for key, one in value.items()}
    if isinstance(found.get("match_related"), list):
        found["match_related"] = next(iter(found["match_related"]), {})
    return found


def recorded() -> Iterator[dict[str, Any]]:
    """The recorded cases of the newest server."""
    for path in sorted(CONFORMANCE.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            if SERVER.name in case["firings"]:
                yield case


def difference(oracle: Oracle, case: dict[str, Any]) -> str:
    """What the server does otherwise, in a few words; empty where it is the same."""
    try:
        theirs = oracle.firings(case)
    except OracleFailure as failure:
        return f"the server fails: {str(failure).strip().splitlines()[-1]}"
    mine = ours.root_firings(ours.transitions(case, SERVER.name))
    if theirs == mine:
        return ""
    gone = sum(1 for one in mine if one not in theirs)
    new = sum(1 for one in theirs if one not in mine)
    return f"{gone} firings of the dialect are not the server's, {new} of the server's not the dialect's"


if __name__ == "__main__":
    main()
