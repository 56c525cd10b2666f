"""The corpus of definitions from the wild, read where it is, and what is known of it."""

import json
from typing import Any

import pytest

from tests.support import SHARED

CORPUS = SHARED / "corpus"

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason=f"the corpus is not here: {CORPUS} does not exist"
)

# Which findings show a known mistake of the index, in its words.
FINDINGS_OF_MISTAKE = {
    "incomplete expect in a Proactive trigger": {"TRG312"},
    "action cannot work": {"TRG704", "TRG705", "TRG706", "TRG707", "TRG708", "TRG710"},
    "name / id / role mix-up": {
        "TRG210",
        "TRG211",
        "TRG214",
        "TRG215",
        "TRG216",
        "TRG217",
        "TRG228",
    },
    "not parseable JSON": {"TRG100", "TRG110"},
    "duration meant, posture wrong": {"TRG304", "TRG305", "TRG403"},
    "unknown key or label, silently ignored / never matching": {"TRG101", "TRG218", "TRG404"},
    "event name that is never emitted": {
        "TRG119",
        "TRG219",
        "TRG221",
        "TRG222",
        "TRG223",
        "TRG224",
        "TRG227",
    },
    "no-correlation": {"TRG401", "TRG407", "TRG501"},
    "overbroad / self-triggering": {"TRG201", "TRG202", "TRG203", "TRG701", "TRG702", "TRG703"},
    "zombie/after==expect heartbeat pattern": {"TRG307", "TRG308"},
    "several after states that expect also covers": {"TRG310", "TRG311"},
    "match_related without role": {"TRG212", "TRG213"},
    "composite within missing or zero": {"TRG114", "TRG504", "TRG508"},
    "OR/AND/negation misread": {"TRG204", "TRG205", "TRG206", "TRG504"},
    "threshold 0": {"TRG302", "TRG303"},
    "Proactive without after": {"TRG313", "TRG314", "TRG406"},
    "threshold or after with within left at 0": {"TRG301", "TRG309"},
    "posture omitted": {"TRG113"},
    "metric firing_for below 300": {"TRG108"},
}

# What makes a definition one that Prefect does not take, whatever it would do.
SCHEMA_CODES = {
    "TRG100",
    "TRG102",
    "TRG103",
    "TRG104",
    "TRG105",
    "TRG108",
    "TRG110",
    "TRG112",
    "TRG113",
    "TRG114",
    "TRG115",
    "TRG116",
    "TRG117",
    "TRG123",
}


def index() -> list[dict[str, Any]]:
    """What is known of each file."""
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "INDEX.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
