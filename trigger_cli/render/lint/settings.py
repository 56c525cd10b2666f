"""``lint --show-settings``: the rules for each file, and the origin of each setting.

A setting is an object with ``value`` and ``origin``; an origin has ``where``, ``setting`` and
``selector``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from trigger_cli.render.common.inert import inert
from trigger_cli.render.common.plain_json import bounded, json_document, with_texts

FORMAT = "trigger-cli/lint-settings@1"
_LONGEST = 400


def render_settings_json(
    run: Mapping[str, Mapping[str, Any]], groups: Sequence[Mapping[str, Any]]
) -> str:
    """The JSON object.

    Args:
        run: The settings of the whole run, by name.
        groups: For each group of files with the same settings: ``files``, ``configuration``,
            ``dialect`` and ``rules``.
    """
    return json_document(with_texts({"format": FORMAT, **run, "groups": groups}, bounded))


def render_settings(
    run: Mapping[str, Mapping[str, Any]], groups: Sequence[Mapping[str, Any]]
) -> str:
    """The settings for people: a line for each rule."""
    lines = [_setting(name.replace("_", "-"), one) for name, one in run.items()]
    for group in groups:
        lines += ["", *_group(group)]
    return "\n".join(lines) + "\n"


def _group(group: Mapping[str, Any]) -> Iterator[str]:
    yield from (inert(file, _LONGEST) for file in group["files"])
    yield f"  configuration: {inert(group['configuration'] or 'none', _LONGEST)}"
    yield f"  {_setting('dialect', group['dialect'])}"
    width = max((len(rule["name"]) for rule in group["rules"]), default=0)
    for rule in group["rules"]:
        state = "on " if rule["on"] else "off"
        needs = ", with --log" if rule["on"] and rule["needs_log"] else ""
        yield (
            f"  {state}  {rule['code']}  {rule['severity']:<7}  {rule['name']:<{width}}"
            f"  {_origin(rule['origin'])}{needs}"
        )


def _setting(name: str, setting: Mapping[str, Any]) -> str:
    value = setting["value"]
    return f"{name}: {inert(value, _LONGEST) if value else 'none'} ({_origin(setting['origin'])})"


def _origin(origin: Mapping[str, Any]) -> str:
    named = " ".join(inert(origin[key], 80) for key in ("setting", "selector") if origin[key])
    where = inert(origin["where"], _LONGEST)
    return f"{where}: {named}" if named else where
