"""``--automation`` and ``--bucket``: choose automations and buckets."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from msgspec.structs import replace

from trigger_cli.cli.failures import USAGE, CommandError
from trigger_cli.cli.shared_options import LabelValue
from trigger_cli.definitions import Definitions
from trigger_cli.match.plan import walk
from trigger_cli.model import Automation, EventTrigger, Firing
from trigger_cli.render.common.words import counted, listed, quoted
from trigger_cli.report import BucketHistory
from trigger_cli.vocabulary import is_shortened, is_written_as, nearest

Labels: TypeAlias = tuple[tuple[str, str], ...]

_NEAR = 5
_LISTED = 10


class Shown:
    """The automations and buckets that ``--automation`` and ``--bucket`` show; all are replayed."""

    def __init__(self, automations: list[str], labels: list[LabelValue]) -> None:
        self._automations = automations
        self._labels = labels

    def automation(self, automation: Automation) -> bool:
        """Whether the automation's name matches one of the globs, or there are none."""
        return is_chosen(automation.name, self._automations)

    def labels(self, labels: dict[str, str]) -> bool:
        """Whether every wanted label has the wanted value, or one that tables show so."""
        return all(
            (value := labels.get(one.label)) is not None
            and (is_written_as(value, one.value) or is_shortened(one.value, value))
            for one in self._labels
        )

    def firing(self, firing: Firing) -> bool:
        """Whether the firing, or a firing of one of its children, is of the wanted bucket."""
        return self.labels(dict(firing.labels)) or any(map(self.firing, firing.children))

    def bucket(self, bucket: BucketHistory) -> bool:
        """Whether the bucket is the wanted one."""
        return self.labels(dict(bucket.labels))


def is_chosen(name: str, globs: Sequence[str]) -> bool:
    """Whether ``--automation`` chooses the automation of this name: by all of it, or by a glob.

    The name may be written as tables show it, which escape what is not printable.
    """
    return not globs or any(is_written_as(name, one) or fnmatchcase(name, one) for one in globs)


def chosen_automations(
    automations: Sequence[Automation], globs: list[str]
) -> tuple[Automation, ...]:
    """The automations whose name matches one of the globs; all if there are no globs.

    Raises:
        CommandError: No name matches.
    """
    chosen = tuple(filter(Shown(globs, []).automation, automations))
    if chosen:
        return chosen
    names = list(dict.fromkeys(one.name for one in automations))
    near = [name for glob in globs for name in names if glob.casefold() in name.casefold()]
    near += [name for glob in globs if (name := nearest(glob, names, likeness=0.6))]
    listed = _listed(list(dict.fromkeys(near))[:_NEAR] or names)
    raise CommandError(
        f"no automation is called {' or '.join(map(quoted, globs))}",
        USAGE,
        f"{'did you mean' if near else 'there are'}: {listed}",
    )


def the_automation(automations: Sequence[Automation], wanted: str | None) -> Automation:
    """The automation with that name, or the only one whose name matches the glob.

    Raises:
        CommandError: No automation matches, or several do.
    """
    fitting: Sequence[Automation] = [one for one in automations if one.name == wanted]
    if not fitting:
        fitting = chosen_automations(automations, [] if wanted is None else [wanted])
    if len(fitting) == 1:
        return fitting[0]
    many = counted(len(fitting), "automation")
    raise CommandError(
        f"the definitions have {many}, and this command takes one"
        if wanted is None
        else f"--automation {quoted(wanted)} names {many}, and this command takes one",
        USAGE,
        f"name one with --automation: {_listed([one.name for one in fitting])}",
    )


def _listed(names: Sequence[str]) -> str:
    return listed(list(map(quoted, names)), _LISTED)


def written_trigger(definitions: Definitions, automation: Automation) -> Any:
    """The trigger of one of the automations, as its file defines it."""
    return next(
        document.value_at(entry.trigger_pointer)
        for document in definitions.documents
        for entry in document.entries
        if entry.automation == automation.index
    )


def no_such_bucket(labels: Labels, others: Iterable[Labels]) -> CommandError:
    """The error that no bucket has these labels; it names some of `others`."""
    known = [written for one in dict.fromkeys(others) if (written := written_labels(one))]
    return CommandError(
        f"there is no bucket {written_labels(labels)}, and no event that would fall into it",
        USAGE,
        f"there are: {listed(known, _NEAR)}" if known else None,
    )


def which_of(text: str, candidates: Sequence[str]) -> CommandError:
    """The error that a part of several ids, or buckets, was given."""
    return CommandError(
        f"{quoted(text)} is ambiguous",
        USAGE,
        f"it may be: {listed(candidates, _LISTED)}",
    )


def written_labels(labels: Labels) -> str:
    return " ".join(f"{label}={value}" for label, value in labels)


def with_whole_labels(
    automations: Iterable[Automation], wanted: Sequence[LabelValue]
) -> list[LabelValue]:
    """The labels of ``--bucket``, each as it stands in ``for_each``.

    A label is also known by the word that tables have for it, and by its last part.

    Raises:
        CommandError: No trigger has such a label in ``for_each``, or several are known so.
    """
    known = {
        label: None
        for one in automations
        for trigger in walk(one.trigger)
        if isinstance(trigger, EventTrigger)
        for label in trigger.for_each
    }
    return [replace(one, label=_whole_label(one.label, list(known))) for one in wanted]


def _whole_label(label: str, known: Sequence[str]) -> str:
    if label in known:
        return label
    from trigger_cli.render.common.names import label_alias  # 20 ms: it loads rich

    found = [one for one in known if label_alias(one) == label]
    found = found or [one for one in known if one.rpartition(".")[2] == label]
    if len(found) == 1:
        return found[0]
    if found:
        raise which_of(label, found)
    raise CommandError(
        f"no trigger has `{label}` in for_each",
        USAGE,
        f"for_each has: {', '.join(known)}"
        if known
        else "no trigger has for_each, so each has one bucket: leave out --bucket",
    )
