"""What the core of the debugger is allowed to know."""

import ast

from tests.support import REPOSITORY

CORE = REPOSITORY / "trigger_cli" / "debugger"


def test_the_core_knows_nothing_of_the_screen():
    """Textual is imported in ``app/`` alone."""
    for path in CORE.rglob("*.py"):
        if path.parent.name == "app":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            assert [] == [
                one for one in names if one.startswith(("textual", "trigger_cli.debugger.app"))
            ]
