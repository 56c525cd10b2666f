"""What the panes show, as rich text: drawn from a `Session`, and knowing nothing of the screen."""
