"""``replay --format html``: a replay as one page that loads nothing, to look into and pass on."""

from trigger_cli.render.replay.html.page import replay_page

__all__ = ["replay_page"]
