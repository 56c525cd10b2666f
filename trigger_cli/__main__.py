"""``python -m trigger_cli``, the same as ``trigger-cli``."""

from __future__ import annotations

from trigger_cli.cli import main

if __name__ == "__main__":
    main()
