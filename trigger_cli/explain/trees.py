"""Automations with one trigger of their tree replaced."""

from __future__ import annotations

from dataclasses import replace

from trigger_cli.model import Automation, CompositeTrigger, Trigger


def with_trigger(automation: Automation, changed: Trigger) -> Automation:
    """The automation with `changed` in the place that its path names."""
    return replace(automation, trigger=_replaced(automation.trigger, changed))


def _replaced(trigger: Trigger, changed: Trigger) -> Trigger:
    if trigger.path == changed.path:
        return changed
    if isinstance(trigger, CompositeTrigger):
        return replace(
            trigger, triggers=tuple(_replaced(child, changed) for child in trigger.triggers)
        )
    return trigger
