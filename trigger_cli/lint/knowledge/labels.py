"""Which labels the resources of a trigger's events carry, and what is meant by others."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from trigger_cli.lint.knowledge.catalog import ID, NAME, ROLE, known_events
from trigger_cli.lint.knowledge.patterns import population
from trigger_cli.lint.subject import EventAt, MetricAt

_BY_ROLE = 'use `match_related` with "prefect.resource.name" and "prefect.resource.role": "{role}"'
_MEANT = {
    "name": NAME,
    "id": ID,
    "resource.name": NAME,
    "resource.id": ID,
    "prefect.name": NAME,
    "prefect.id": ID,
    "role": ROLE,
    "prefect.role": ROLE,
    "state": "prefect.state-name",
    "state_name": "prefect.state-name",
    "state_type": "prefect.state-type",
    "prefect.state": "prefect.state-name",
}
_ROLES = ("flow", "deployment", "work-pool", "work-queue")
# Beside those of the catalog, related runs carry what their infrastructure is called.
_RELATED = frozenset({ID, NAME, ROLE, "prefect.work-pool.type"})
_INFRASTRUCTURE = frozenset(
    {"prefect.infrastructure.identifier", "prefect.infrastructure.status-code"}
)


def own_labels(one: EventAt | MetricAt) -> frozenset[str] | None:
    """The labels of the primary resources of a trigger's events; ``None`` if unknown."""
    events = population(one)
    if not events or not all(event.labels for event in events):
        return None
    return frozenset({ID, NAME, ROLE}).union(*(event.labels for event in events))


def related_labels(one: EventAt | MetricAt) -> frozenset[str] | None:
    """The labels of the related resources of a trigger's events; ``None`` if unknown."""
    if not population(one):
        return None
    every = (event.labels for event in known_events().values())
    return (_RELATED | _INFRASTRUCTURE).union(*every)


def instead_of(label: str, known: Collection[str]) -> str:
    """What to do about a label that is not known."""
    plain = label.lower()
    if plain in _MEANT and _MEANT[plain] in known:
        return f"did you mean `{_MEANT[plain]}`?"
    words = plain.replace("_", "-").removeprefix("prefect.").replace(".", "-")
    if words.startswith("tag"):
        return 'a tag is a related resource: "prefect.resource.id": "prefect.tag.<tag>", role "tag"'
    for role in _ROLES:
        if words in {role, f"{role}-name", f"{role}s"}:
            return _BY_ROLE.format(role=role)
        if words == f"{role}-id":
            return f'use `match_related` with "prefect.resource.id": "prefect.{role}.<uuid>"'
    near = get_close_matches(label[:60], sorted(known), 1, 0.7)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known labels: {', '.join(sorted(known))}"
