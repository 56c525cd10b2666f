"""The oracle's process: cases in, the real server's firings out, one JSON object a line.

Run by the oracle environment's Python (``make_environment.py``), never by the project's::

    {"automations": […], "events": […], "until": "…"}  →  {"firings": […]} or {"error": "…"}

What decides is in ``server_engine.py``.
"""

import asyncio
import json
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server_engine import ServerEngine


async def main() -> None:
    """Answer until the input ends."""
    server = ServerEngine()
    await server.open()
    print(json.dumps({"ready": True}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            answer = {"firings": await server.run(json.loads(line))}
        except Exception:  # noqa: BLE001  # whatever it is, the asker must hear of it
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
