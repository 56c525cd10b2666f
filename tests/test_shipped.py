"""What the package carries is what the repository has, and is named for the build."""

import tomllib

from tests.support import REPOSITORY, SAMPLES
from trigger_cli import shipped


def test_the_wheel_has_what_is_read_from_the_repository():
    """Each piece once, where `shipped` looks first."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert included == {
        "docs/semantics.md": "trigger_cli/semantics.md",
        **{f"sample_events/{one}": f"trigger_cli/samples/{one}" for one in shipped.SAMPLES},
    }


def test_beside_the_code_comes_first(tmp_path, monkeypatch):
    """As in an installed package; else the repository's."""
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    assert SAMPLES == shipped.shipped("samples", "sample_events")
    (tmp_path / "samples" / "triggers").mkdir(parents=True)
    (tmp_path / "samples" / "triggers" / "one.json").write_text("{}", "utf-8")
    assert {"triggers/one.json": tmp_path / "samples" / "triggers" / "one.json"} == (
        shipped.samples()
    )


def test_every_sample_is_there():
    """And none is an empty file or something that Python left behind."""
    found = shipped.samples()
    assert {one.partition("/")[0] for one in found} == set(shipped.SAMPLES)
    assert all(path.stat().st_size for path in found.values())
    assert not [name for name in found if "__pycache__" in name]
