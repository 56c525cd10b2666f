"""Resource ids and the kinds and roles that they belong to."""

import re
from functools import cache, lru_cache

from trigger_cli.lint.knowledge.catalog import catalog
from trigger_cli.lint.knowledge.texts import is_clean, placeholder
from trigger_cli.match.patterns import NEGATION, STAR
from trigger_cli.vocabulary import UUID

_HEX = re.compile(r"[0-9a-f-]+", re.IGNORECASE)


@cache
def _kinds() -> dict[str, bool]:
    """The prefixes of ids (``prefect.flow-run.``), and whether a UUID follows."""
    kinds = {"prefect.flow.": True, "prefect.variable.": True}
    for facts in catalog().values():
        ids = [facts["resource_id"]] if facts["resource_id"] else []
        ids += [one for related in facts["related"] for one in related["id"]]
        for one in ids:
            start, _, hole = one.partition("{")
            kinds.setdefault(start, hole in {"uuid}", "uid}"})
    return kinds


_CLOUD = "prefect-cloud."


@cache
def _roles() -> dict[str, tuple[str, ...]]:
    """The kinds of resources in each role."""
    roles: dict[str, set[str]] = {}
    for facts in catalog().values():
        for related in facts["related"]:
            starts = {one.partition("{")[0] for one in related["id"]}
            roles.setdefault(related["role"], set()).update(starts)
    return {role: tuple(sorted(kinds)) for role, kinds in roles.items()}


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID and nothing else."""
    return UUID.fullmatch(text) is not None


def may_be_id(value: object) -> bool:
    """Whether a value is a UUID, or a placeholder for one."""
    return isinstance(value, str) and (is_uuid(value) or placeholder(value) is not None)


@lru_cache(maxsize=4096)
def kind_of(pattern: str) -> str | None:
    """The kind of a resource id: ``prefect.flow-run.``; ``None`` if it is not Prefect's."""
    text = pattern.removeprefix(NEGATION)
    found = [kind for kind in _kinds() if text.startswith(kind)]
    return max(found, key=len) if found else None


def is_kind_alone(pattern: str) -> bool:
    """Whether an id pattern is ``prefect.flow-run`` or ``prefect.flow-run.``."""
    return STAR not in pattern and pattern.removeprefix(NEGATION).rstrip(".") + "." in _kinds()


def name_in_id(pattern: str) -> str | None:
    """The name in an id where a UUID is needed."""
    kind = kind_of(pattern)
    if kind is None or not _kinds()[kind] or not is_clean(pattern):
        return None
    rest = pattern.removeprefix(NEGATION).removeprefix(kind)
    if not rest or STAR in rest or "?" in rest or "[" in rest or _HEX.fullmatch(rest):
        return None
    return rest


def kind_of_role(role: str) -> str | None:
    """The prefix of ids in a role, if they are of one kind."""
    kinds = _roles().get(role, ())
    return kinds[0] if len(kinds) == 1 else None


def role_of_id(pattern: str) -> str | None:
    """The role in which a resource of this kind is usually related."""
    kind = kind_of(pattern)
    if kind is None:
        return None
    role = kind.removeprefix("prefect.").rstrip(".")
    return role if kind in _roles().get(role, ()) else None


def fits_role(pattern: str, role: str) -> bool | None:
    """Whether resources with this id can be in a role; ``None`` if unknown."""
    kinds = _roles().get(role)
    if kinds is None or pattern.removeprefix(NEGATION).startswith(_CLOUD):
        return None  # the catalog lacks the roles of Cloud's users and automations
    text = pattern.removeprefix(NEGATION)
    start = text.partition(STAR)[0]
    if STAR in text:
        return any(start.startswith(kind) or kind.startswith(start) for kind in kinds)
    return any(text.startswith(kind) or f"{text.rstrip('.')}." == kind for kind in kinds)
