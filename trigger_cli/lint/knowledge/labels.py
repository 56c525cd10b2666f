"""The labels of a trigger's resources, and suggestions for unknown labels."""

from collections.abc import Collection

from trigger_cli.lint.knowledge.catalog import known_events
from trigger_cli.lint.knowledge.patterns import population, run_state
from trigger_cli.lint.subject import LeafAt
from trigger_cli.vocabulary import (
    RESOURCE_ID,
    RESOURCE_NAME,
    RESOURCE_ROLE,
    STATE_NAME,
    STATE_TYPE,
    nearest,
)

_BY_ROLE = 'use `match_related` with "prefect.resource.name" and "prefect.resource.role": "{role}"'
_MEANT = {
    "name": RESOURCE_NAME,
    "id": RESOURCE_ID,
    "resource.name": RESOURCE_NAME,
    "resource.id": RESOURCE_ID,
    "prefect.name": RESOURCE_NAME,
    "prefect.id": RESOURCE_ID,
    "role": RESOURCE_ROLE,
    "prefect.role": RESOURCE_ROLE,
    "state": STATE_NAME,
    "state_name": STATE_NAME,
    "state_type": STATE_TYPE,
    "prefect.state": STATE_NAME,
}
_ROLES = ("flow", "deployment", "work-pool", "work-queue")
# Besides the catalog's labels, related runs have the labels of their infrastructure.
_RELATED = frozenset({RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, "prefect.work-pool.type"})
_INFRASTRUCTURE = frozenset(
    {"prefect.infrastructure.identifier", "prefect.infrastructure.status-code"}
)


def own_labels(one: LeafAt) -> frozenset[str] | None:
    """The labels of the primary resources of a trigger's events; ``None`` if unknown."""
    events = population(one)
    if not events or not all(event.labels for event in events):
        return None
    always = {RESOURCE_ID, RESOURCE_NAME}
    if not all(run_state(event.name) for event in events):
        always.add(RESOURCE_ROLE)  # work pools and queues have it, runs do not
    return frozenset(always).union(*(event.labels for event in events))


def related_labels(one: LeafAt) -> frozenset[str] | None:
    """The labels of the related resources of a trigger's events; ``None`` if unknown."""
    if not population(one):
        return None
    every = (event.labels for event in known_events().values())
    return (_RELATED | _INFRASTRUCTURE).union(*every)


def instead_of(label: str, known: Collection[str]) -> str:
    """Advice about an unknown label."""
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
    near = nearest(label, sorted(known))
    return f"did you mean `{near}`?" if near else f"known labels: {', '.join(sorted(known))}"
