"""Text as a log may hold it, and no output may obey."""

import json

HOSTILE = (
    "</script><script>document.body.dataset.pwned=1</script>"
    "<img src=https://evil.example/x onerror=alert(1)>"
    "<!--<svg onload=alert(2)>&amp;\u2028\u2029[bold red]\x1b[31m\x00\x0b\r\n{{DATA}}{{SCRIPT}}\ud800'\"]]>"
)
"""HTML, markup, escapes, controls, separators, a lone surrogate, and a template's own marks."""

WHOLE = HOSTILE.replace("\ud800", "")
"""Without half a character, which JSON refuses."""


def hostile_log(path, *, events: int = 6, size: int = 1):
    """A log of hostile events a second apart, each text `size` times over."""
    text = WHOLE * size
    with path.open("w", encoding="utf-8") as file:
        for n in range(events):
            event = {
                "id": f"{n}{text}",
                "event": f"happened{text}",
                "occurred": f"2026-03-01T12:00:{n:02}Z",
                "resource": {
                    "prefect.resource.id": f"{n % 2}{text}",
                    "prefect.resource.name": text,
                },
                "related": [],
                "payload": {},
            }
            file.write(json.dumps(event) + "\n")
        # A bad line, which is told of too.
        file.write(json.dumps({"id": HOSTILE}) + "\n")
    return path


def hostile_triggers(path):
    """A keyed trigger, a composite and a watch, all with hostile names."""
    first = {"type": "event", "posture": "Reactive", "expect": ["happened*"], "within": 0}
    keyed = {**first, "for_each": ["prefect.resource.id"], "threshold": 2, "within": 60}
    both = {"type": "compound", "require": "all", "within": 60, "triggers": [first, keyed]}
    watch = {"type": "event", "posture": "Proactive", "expect": ["never"], "within": 10}
    found = [
        {"name": f"{n}{WHOLE}", "trigger": trigger}
        for n, trigger in enumerate((keyed, both, watch))
    ]
    path.write_text(json.dumps({"automations": found}), "utf-8")
    return path
