"""`lint/runner/config.py`: which configuration applies to a file, and what is wrong with it."""

import pytest

from trigger_cli.lint.runner.config import BadConfigError, Config, Configs, read_config


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder, with a folder in it."""
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_nearest_file_applies(folder):
    """A `pyproject.toml` without a table of the tool is passed over, and `trigger-cli.toml` comes first."""
    (folder / "trigger-cli.toml").write_text('select = ["TRG1"]')
    (folder / "pyproject.toml").write_text('[tool.trigger-cli]\nselect = ["TRG2"]')
    (folder / "below" / "pyproject.toml").write_text("[tool.other]")
    configs = Configs(None)
    found = configs.of("below/a.json")
    assert (found.path, found.select) == (folder / "trigger-cli.toml", ("TRG1",))
    assert configs.of("-") is configs.of("a.json") is found
    (folder / "below" / "pyproject.toml").write_text('[tool.trigger-cli]\nignore = ["TRG3"]')
    nearer = Configs(None).of("below/a.json")
    assert (nearer.select, nearer.ignore) == ((), ("TRG3",))
    assert Configs(folder / "pyproject.toml").of("below/a.json").select == ("TRG2",)


def test_no_file_is_no_setting(folder):
    """Up to the root."""
    assert Configs(None).of("below/a.json") in (Config(), Configs(None).of("/a.json"))


@pytest.mark.parametrize(
    ("pattern", "ignored"),
    [
        ("a.json", True),
        ("*.json", True),
        ("below/*.json", True),
        ("below/*", True),
        ("b.json", False),
        ("above/*.json", False),
        ("A.JSON", False),
    ],
)
def test_a_pattern_is_of_the_name_or_of_the_path_below_the_configuration(folder, pattern, ignored):
    """`fnmatch`, with the case."""
    path = folder / "trigger-cli.toml"
    path.write_text(f'ignore = ["TRG1"]\n[per-file-ignores]\n"{pattern}" = ["TRG2", "TRG3"]')
    own = f"per-file-ignores.{pattern}"
    more = (("TRG2", own), ("TRG3", own)) if ignored else ()
    assert read_config(path).ignored_in("below/a.json") == (("TRG1", "ignore"), *more)


def test_a_file_elsewhere_is_known_by_its_name_alone(folder):
    """It is not below the configuration; and settings of no file have no folder."""
    path = folder / "below" / "trigger-cli.toml"
    path.write_text('[per-file-ignores]\n"a.*" = ["TRG2"]\n"../b.json" = ["TRG3"]')
    config = read_config(path)
    assert len(config.ignored_in("a.json")) == 1
    assert not config.ignored_in("b.json")
    assert not Config(per_file_ignores={"x/a.json": ("TRG1",)}).ignored_in("x/a.json")


def test_what_a_file_may_say(folder):
    """The baseline is beside the configuration."""
    path = folder / "below" / "trigger-cli.toml"
    path.write_text('dialect = "both"\nfail-level = "warning"\nbaseline = "known.json"')
    found = read_config(path)
    assert (found.dialect, found.fail_level) == ("both", "warning")
    assert found.baseline == folder / "below" / "known.json"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("selekt = []", "unknown key `selekt`; did you mean `select`?"),
        ("x = 1", "unknown key `x`; known keys: select, ignore, dialect, "),
        ('select = "TRG1"', '`select`: found the string "TRG1", expected a list of codes'),
        ("ignore = [1]", "`ignore`: found a list, expected a list of codes"),
        ('select = ["TRG999"]', "`select`: "),
        ('fail-level = "fatal"', "`fail-level`: found 'fatal', expected one of \"error\", "),
        ('dialect = "klingon"', "`dialect`: found 'klingon', "),
        ("dialect = 5", "`dialect`: found 5, "),
        ("per-file-ignores = []", "`per-file-ignores`: found an empty list, expected a table"),
        ('[per-file-ignores]\n"a" = 1', "`per-file-ignores.a`: found "),
        ("baseline = 1", "`baseline`: found "),
        ("select", "trigger-cli.toml: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(folder, text, told):
    """The file, the key, what was found and what was expected."""
    path = folder / "trigger-cli.toml"
    path.write_text(text)
    with pytest.raises(BadConfigError) as error:
        read_config(path)
    assert str(error.value).startswith(str(path))
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.other]", "there is no [tool.trigger-cli] in it"),
        ("tool = 1", "there is no [tool.trigger-cli] in it"),
        ("[tool]\ntrigger-cli = 1", "tool.trigger-cli: found the number 1, expected a table"),
    ],
)
def test_a_project_file_that_is_named_has_the_table(folder, text, told):
    """One that is found need not."""
    path = folder / "pyproject.toml"
    path.write_text(text)
    with pytest.raises(BadConfigError, match=r"pyproject\.toml: ") as error:
        read_config(path)
    assert told in str(error.value)


def test_a_file_that_is_not_there_is_told(folder):
    """It was named."""
    with pytest.raises(BadConfigError, match="cannot be read: No such file"):
        read_config(folder / "none.toml")


def test_a_working_folder_that_is_gone_has_the_settings_that_were_named(folder, monkeypatch):
    """Or none."""
    path = folder / "trigger-cli.toml"
    path.write_text('select = ["TRG1"]')
    gone = folder / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert Configs(None).here() == Config()
    assert Configs(path).of("-").select == ("TRG1",)
