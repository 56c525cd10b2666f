"""Converts automations of the Terraform provider to Prefect's own form.

The provider nests a trigger under its kind, and stores objects of labels as JSON texts. Its
resources are in ``*.tf.json`` files, in states, and in the output of ``terraform show -json``.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from trigger_cli.definitions.keys import ACTION_KEYS, KINDS
from trigger_cli.definitions.nodes import (
    MAX_DEPTH,
    Node,
    ObjectMember,
    is_template,
    list_node,
    object_node,
    with_members,
)
from trigger_cli.definitions.plain_json import read_plain_json
from trigger_cli.definitions.templates import placed
from trigger_cli.model import Span

_RESOURCE = "prefect_automation"
# Keys that Terraform itself uses, and keys that select the account or workspace.
_NOT_PREFECTS = {
    *("count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"),
    *("dynamic", "timeouts", "account_id", "workspace_id"),
}
_JSON_TEXTS = {"match", "match_related", "parameters", "job_variables"}
_INTERPOLATION = re.compile(r"(?<!\$)\$\{([^{}]*+)\}")


def is_terraform(root: Node) -> bool:
    """Whether a JSON document is from Terraform: a configuration, a state, or a plan."""
    keys = root.members.keys()
    resource = root.get("resource")
    return (
        {"terraform_version", "resources"} <= keys
        or ("format_version" in keys and bool(keys & {"values", "planned_values"}))
        or (resource is not None and any(True for _ in _configured(resource)))
    )


def automations_in(root: Node) -> Node:
    """The automations of such a document, as a document in Prefect's form."""
    return as_document(_resources(root), root.span)


def as_document(resources: Iterable[Node], span: Span) -> Node:
    """The attributes of resources as a document of automations; every value keeps its place."""
    listed = list_node((_automation(one) for one in resources), span)
    return object_node([("automations", span, listed)], span)


def _resources(root: Node) -> Iterator[Node]:
    if resource := root.get("resource"):
        yield from map(_with_templates, _configured(resource))
    for one in _items(root.get("resources")):
        if _is_automation(one):
            for instance in _items(one.get("instances")):
                if attributes := instance.get("attributes"):
                    yield attributes
    modules = [
        module
        for key in ("values", "planned_values")
        if (values := root.get(key)) and (module := values.get("root_module"))
    ]
    while modules:
        module = modules.pop(0)
        for one in _items(module.get("resources")):
            if _is_automation(one) and (attributes := one.get("values")):
                yield attributes
        modules += _items(module.get("child_modules"))


def _is_automation(resource: Node) -> bool:
    kind = resource.get("type")
    return kind is not None and kind.value == _RESOURCE


def _configured(resource: Node) -> Iterator[Node]:
    """The automations below `resource` of a ``*.tf.json``, which may have lists at each level."""
    for kinds in _items(resource):
        for names in _items(kinds.get(_RESOURCE)):
            for member in names.members.values():
                yield from _items(member.node)


def _items(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if node.is_list else (node,)


# --- One automation --------------------------------------------------------------------------


def _automation(node: Node) -> Node:
    if not node.is_object:
        return node
    members = {}
    for key, member in _given(node).items():
        if key in _NOT_PREFECTS:
            continue
        if key == "trigger":
            members[key] = ObjectMember(member.key_span, _trigger(member.node))
        elif key in ACTION_KEYS and member.node.is_list:
            actions = list_node(map(_with_json, member.node.items), member.node.span)
            members[key] = ObjectMember(member.key_span, actions)
        else:
            members[key] = member
    return with_members(node, members)


def _trigger(node: Node) -> Node:
    """The trigger without its nesting, with its kind as `type`."""
    given = _given(node)
    kinds = [kind for kind in KINDS if kind in given]
    if len(given) != 1 or not kinds or not given[kinds[0]].node.is_object:
        return with_members(node, given) if node.is_object else node
    (kind,) = kinds
    key_span, inner = given[kind]
    members = {"type": ObjectMember(key_span, Node(kind, key_span)), **_with_json(inner).members}
    if (listed := members.get("triggers")) and listed.node.is_list:
        children = list_node(map(_trigger, listed.node.items), listed.node.span)
        members["triggers"] = ObjectMember(listed.key_span, children)
    require = members.get("require")
    if require and (value := require.node.get("value")):
        # In a state, a value of dynamic type is nested beside its type.
        members["require"] = ObjectMember(require.key_span, value)
    return with_members(inner, members)


def _with_json(node: Node) -> Node:
    """The object with its JSON texts parsed, and without null values."""
    if not node.is_object:
        return node
    members = {}
    for key, member in _given(node).items():
        read = None
        if key in _JSON_TEXTS and isinstance(member.node.value, str):
            # A text with a computed part may not be JSON until the part is known.
            read = None if member.node.written else read_plain_json(member.node.value)
        value = member.node if read is None else placed(read, member.node.span)
        members[key] = ObjectMember(member.key_span, value)
    return with_members(node, members)


def _given(node: Node) -> dict[str, ObjectMember]:
    """The members that are not null: Terraform writes ``null`` for omitted ones."""
    return {key: one for key, one in node.members.items() if one.node.value is not None}


def _with_templates(node: Node) -> Node:
    """The values of a ``*.tf.json``; each ``${…}`` is a computed value."""
    if node.depth > MAX_DEPTH:
        return node
    if node.is_list:
        return list_node(map(_with_templates, node.items), node.span)
    if node.is_object:
        members = {
            key: ObjectMember(one.key_span, _with_templates(one.node))
            for key, one in node.members.items()
        }
        return with_members(node, members)
    if not isinstance(node.value, str):
        return node
    text = _INTERPOLATION.sub(r"{{ \1 }}", node.value)
    if "${" in text.replace("$${", ""):
        text = f"{{{{ {text} }}}}"
    computed = text != node.value and is_template(text)
    return replace(
        node,
        value=text.replace("$${", "${"),
        written=node.value if computed else None,
    )
