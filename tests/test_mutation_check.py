"""The deliberate faults of ``tests/mutation_check.py`` can be put into the code as it stands."""

from tests.mutation_check import FAST, FAULTS, THOROUGH
from tests.support import REPOSITORY


def test_every_fault_has_its_place():
    """What a fault replaces stands once in its file; the tests that must notice it are there."""
    sources = {
        fault.file: (REPOSITORY / "trigger_cli" / fault.file).read_text("utf-8") for fault in FAULTS
    }
    found = {f"{one.rule} {one.what}": sources[one.file].count(one.before) for one in FAULTS}
    assert {} == {name: count for name, count in found.items() if count != 1}
    assert [] == [path for path in FAST + THOROUGH if not (REPOSITORY / path).exists()]
