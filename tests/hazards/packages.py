"""Hazards of the packages that extras install: each is missing once."""

from collections.abc import Iterator

from tests.hazards.hazard import ON_TERMINAL, Hazard
from tests.hazards.materials import both, holds

_URL = "--api-url http://127.0.0.1:9/api"
_NEEDS = {
    "textual": ("debug", f"{ON_TERMINAL} trigger-cli debug $SAMPLES/triggers $SAMPLES/nightly.events.jsonl"),
    "httpx": ("live", f"trigger-cli fetch {_URL} -o out"),
    "websockets": ("live", f"trigger-cli watch $SAMPLES/triggers --server {_URL}"),
    "distributed": ("cluster", "trigger-cli replay $SAMPLES/triggers $SAMPLES/nightly.events.jsonl --cluster tcp://127.0.0.1:9"),
    "fsspec": ("cluster", "trigger-cli replay $SAMPLES/triggers $SAMPLES/nightly.events.jsonl --cluster tcp://127.0.0.1:9"),
    "hcl2": ("hcl", "trigger-cli replay automation.tf $SAMPLES/nightly.events.jsonl"),
}  # fmt: skip
"""For each package: its extra, and a command that needs it."""
_BLOCKED = """import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {package!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
"""


def hazards() -> Iterator[Hazard]:
    """Commands without the package that they need."""
    for package, (extra, command) in _NEEDS.items():
        yield Hazard(
            "packages",
            "a package of an extra is missing",
            package,
            f'PYTHONPATH="$PWD:$PYTHONPATH" {command}',
            frozenset({2}),
            says=rf"(needs the package {package}, which|its parser) is not installed.*pip install 'trigger-cli\[{extra}\]'",
            make=both(
                holds("sitecustomize.py", _BLOCKED.format(package=package)),
                holds("automation.tf", 'resource "prefect_automation" "a" {\n}\n'),
            ),
            quick=True,
        )
