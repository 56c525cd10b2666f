"""``replay --format html``: a replay as one self-contained page."""

from trigger_cli.render.replay.html.page import replay_page

__all__ = ["replay_page"]
