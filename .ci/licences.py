"""Lists what trigger-cli needs to run, with extras, and the licence of each; 1 if one does not fit.

    python .ci/licences.py

A licence fits an Apache-2.0 program if it asks nothing of those who pass the program on but to name
its authors, or to publish changes of its own files (MPL).
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution

FITTING = re.compile(
    r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|0BSD)\b",
    re.IGNORECASE,
)
LONGEST = 60
ROOT = "trigger-cli"
EXTRAS = ("all",)


def needed(name: str, extras: tuple[str, ...], found: dict[str, Distribution]) -> None:
    """Gather a distribution and what it requires, as far as it is installed."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in found and not extras:
        return
    try:
        found[key] = distribution(name)
    except PackageNotFoundError:  # for another system
        return
    for line in found[key].requires or ():
        match = re.match(r"([\w.-]+)(?:\[([\w,.\s-]+)\])?", line)
        wanted = re.search(r"extra\s*==\s*['\"]([\w.-]+)['\"]", line)
        if match and (wanted is None or wanted[1] in extras):
            inner = tuple(part.strip() for part in (match[2] or "").split(",") if part.strip())
            needed(match[1], inner, found)


def licence(one: Distribution) -> str:
    """What the distribution says of its licence: the expression, the classifiers, or the field."""
    told = one.metadata.get_all("Classifier") or ()
    classified = [text.rpartition(" :: ")[2] for text in told if text.startswith("License ::")]
    field = (one.metadata.get("License") or "").partition("\n")[0]
    return one.metadata.get("License-Expression") or ", ".join(classified) or field or "unknown"


def main() -> int:
    """Print the table."""
    found: dict[str, Distribution] = {}
    needed(ROOT, EXTRAS, found)
    odd = 0
    for name, one in sorted(found.items()):
        text = licence(one)[:LONGEST]
        fits = FITTING.search(text) is not None
        odd += not fits
        print(f"{name:30} {one.version:15} {text}{'' if fits else '  <- look at it'}")
    return 1 if odd else 0


if __name__ == "__main__":
    sys.exit(main())
