"""Writes the pages of the linter's rules (``docs/rules``) from what ``trigger-cli rule`` prints."""

from __future__ import annotations

from pathlib import Path

from trigger_cli.lint import RULES
from trigger_cli.lint.doc import PAGES, pages

FOLDER = Path(__file__).parent.parent / PAGES


def main() -> None:
    """Write every page, and remove those of rules that are gone."""
    FOLDER.mkdir(exist_ok=True)
    written = pages(RULES)
    for path in FOLDER.iterdir():
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
