"""What several tests of definitions need: one definition in, its parts out."""

import json

from trigger_cli.definitions import load_text


def loaded(definition, file="x.json"):
    """The automations of a definition given as text or as Python values, without findings."""
    definitions = read(definition, file)
    assert () == definitions.findings
    return definitions.automations


def trigger(definition):
    """The only trigger of a definition."""
    (automation,) = loaded(definition)
    return automation.trigger


def read(definition, file="x.json"):
    """Load a definition given as text or as Python values."""
    text = definition if isinstance(definition, str) else json.dumps(definition)
    return load_text(text, file=file)


def defines_nothing(definition, file="x.json"):
    """Whether nothing is defined, nothing is wrong, and the file is listed."""
    found = read(definition, file)
    return (found.automations, found.findings, found.without_triggers) == ((), (), (file,))


def findings(definition, file="x.json"):
    """Each finding's code, pointer and message."""
    return [(f.code, f.pointer, f.message) for f in read(definition, file).findings]


def codes(definition, file="x.json"):
    """Each finding's code and pointer."""
    return [(f.code, f.pointer) for f in read(definition, file).findings]


def advice(definition, file="x.json"):
    """The help of the only finding."""
    (finding,) = read(definition, file).findings
    return finding.help
