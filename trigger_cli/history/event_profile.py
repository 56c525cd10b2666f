"""The properties of events with one name, collected to write a trigger for them."""

from collections import Counter

from msgspec import Struct, field

from trigger_cli.history.counting import Distinct
from trigger_cli.history.survey_part import kind_of
from trigger_cli.model import Event
from trigger_cli.vocabulary import RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE

_MOST = 200


class EventProfile(Struct):
    """The properties of events with one name."""

    name: str
    events: int = 0
    first: int = 0
    last: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    ids: Distinct = field(default_factory=lambda: Distinct(_MOST))
    roles: dict[str, Distinct] = field(default_factory=dict)
    """The names (or ids) of related resources, by role."""
    named: dict[str, bool] = field(default_factory=dict)
    """By role: whether its examples are names."""

    def add(self, event: Event) -> None:
        """Add an event."""
        self.first = min(self.first, event.occurred) if self.events else event.occurred
        self.last = max(self.last, event.occurred) if self.events else event.occurred
        self.events += 1
        own = event.resource.get(RESOURCE_ID, "")
        self.ids.add(own)
        if len(self.kinds) < _MOST:
            self.kinds[kind_of(own)] += 1
        for related in event.related:
            role = related.get(RESOURCE_ROLE, "")
            if role not in self.roles and len(self.roles) >= _MOST:
                continue
            named = RESOURCE_NAME in related
            examples = self.roles.setdefault(role, Distinct(_MOST))
            self.named.setdefault(role, named)
            examples.add(
                related[RESOURCE_NAME]
                if self.named[role] and named
                else related.get(RESOURCE_ID, "")
            )
