"""The tree of automations, their triggers and buckets."""

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from trigger_cli.debugger.selection import EVERYTHING, Selection
from trigger_cli.debugger.session import Session
from trigger_cli.debugger.views.parts import BAD, FAINT, key_name, shown_name, trigger_name
from trigger_cli.model import Automation, CompositeTrigger, Trigger

_BUCKETS = 100
_LONGEST = 80


class TriggerTree(Tree[Selection | None], inherit_bindings=False):
    """The tree of possible selections; buckets are added when a node is opened."""

    # The left and right arrows move the cursor. With priority, as all other keys have it: else a key
    # that is typed at once after these would come before them.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys, action, description, priority=True)
        for keys, action, description in (
            ("up", "cursor_up", "Up"),
            ("down", "cursor_down", "Down"),
            ("pageup", "page_up", "Page up"),
            ("pagedown", "page_down", "Page down"),
            ("home", "scroll_home", "First"),
            ("end", "scroll_end", "Last"),
            ("enter,space", "toggle_node", "Open or close"),
        )
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(Text("everything"), data=EVERYTHING, id="tree", classes="pane")
        self.border_title = "Automations"
        self.guide_depth = 2
        self._session = session
        self._automations = {Selection(one.index): one for one in session.automations}
        self._filled: set[Selection] = set()
        self._selects = False
        """Whether the cursor selects: not while the tree is being filled, and has none."""

    def watch_cursor_line(self, previous_line: int, line: int) -> None:
        """Select the node at the cursor at once: the tree's message comes after further keys."""
        super().watch_cursor_line(previous_line, line)
        node = self.cursor_node
        if self._selects and node is not None and node.data is not None:
            self._session.selection = node.data

    def relabel(self) -> None:
        """Mark the edited automations."""
        for node, automation in zip(self.root.children, self._session.automations, strict=True):
            node.set_label(self._automation_label(automation))

    def fill(self) -> None:
        """Show the recording's automations; the cursor selects again after `choose`."""
        self._selects = False
        self.clear()
        self._filled.clear()
        self.root.expand()
        for automation in self._session.automations:
            label = self._automation_label(automation)
            self._add(self.root, label, Selection(automation.index), automation.trigger)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Selection | None]) -> None:
        self.unfold(event.node)

    def unfold(self, node: TreeNode[Selection | None]) -> None:
        """Add a node's children, if they are not there yet."""
        selection = node.data
        if selection is None or selection.automation is None or selection in self._filled:
            return
        self._filled.add(selection)
        trigger = self._session.index.trigger(selection)
        assert trigger is not None
        if isinstance(trigger, CompositeTrigger):
            for child in trigger.triggers:
                below = Selection(selection.automation, child.path)
                fired = len(self._session.index.firings(below))
                self._add(node, _with_firings(trigger_name(child), fired), below, child)
        else:
            self._add_buckets(node, Selection(selection.automation, trigger.path))

    def choose(self, selection: Selection) -> None:
        """Move the tree's cursor to a selection, and open the nodes above it."""
        node: TreeNode[Selection | None] = self.root
        while node.data != selection:
            node.expand()
            self.unfold(node)
            below = next((one for one in node.children if _holds(one.data, selection)), None)
            if below is None:
                break
            node = below
        # Nodes get their lines when the tree is drawn next.
        self.call_after_refresh(self._move_to, node)

    def _move_to(self, node: TreeNode[Selection | None]) -> None:
        self._selects = True
        self.move_cursor(node)

    def render_label(
        self, node: TreeNode[Selection | None], base_style: Style, style: Style
    ) -> Text:
        """The label and, if the node can be opened, an arrow."""
        arrow = ("▾ " if node.is_expanded else "▸ ") if node.allow_expand else ""
        label = node.label.copy() if isinstance(node.label, Text) else Text(node.label)
        depth, above = 0, node.parent
        while above is not None:
            depth, above = depth + 1, above.parent
        room = max(self.scrollable_content_region.width - depth * self.guide_depth - len(arrow), 1)
        if node.data in self._automations:
            label = self._automation_label(self._automations[node.data], room)
        label.truncate(room, overflow="ellipsis")
        text = Text.assemble((arrow, base_style), label)
        text.stylize_before(style)
        text.no_wrap = True
        return text

    def _add(
        self,
        above: TreeNode[Selection | None],
        label: Text,
        selection: Selection,
        trigger: Trigger,
    ) -> None:
        """Add a trigger; it can be opened if it has children or buckets."""
        lanes = self._session.index.lanes(Selection(selection.automation, trigger.path))
        has_buckets = any(self._session.recording.lanes[one].key for one in lanes[:1])
        unfolds = has_buckets or isinstance(trigger, CompositeTrigger)
        above.add(label, data=selection, allow_expand=unfolds)

    def _add_buckets(self, node: TreeNode[Selection | None], selection: Selection) -> None:
        recording = self._session.recording
        lanes = self._session.index.by_interest(selection)
        for number in lanes[:_BUCKETS]:
            lane = recording.lanes[number]
            label = _with_firings(key_name(lane), len(recording.fired[number]))
            node.add_leaf(label, data=Selection(selection.automation, selection.path, lane.key))
        if len(lanes) > _BUCKETS:
            node.add_leaf(Text(f"… {len(lanes) - _BUCKETS:,} more (b bucket …)", FAINT), data=None)

    def _automation_label(self, automation: Automation, room: int = _LONGEST) -> Text:
        """The automation's name and its marks, in `room` cells."""
        session = self._session
        selection = Selection(automation.index)
        fired = len(session.index.firings(selection))
        edited = session.edited.get(automation.index)
        if edited is None:
            marks = _with_firings("", fired)
        else:
            now = len(edited.index.firings(selection))
            marks = Text.assemble(("✎ ", "bold"), (f"★{fired:,}→{now:,} ", BAD))
        label = Text.assemble(marks, shown_name(session, automation, room - marks.cell_len))
        if not automation.enabled:
            label.stylize(FAINT)
        return label


def _with_firings(name: str, fired: int) -> Text:
    return Text.assemble((f"★{fired:,} ", BAD) if fired else "", name)


def _holds(above: Selection | None, selection: Selection) -> bool:
    """Whether the node of `above` is the selection, or above it in the tree."""
    if above is None or above.automation not in {None, selection.automation}:
        return False
    if above.key is not None:
        return above == selection
    return above.path is None or (selection.path or "").startswith(above.path)
