"""The content of the panes as rich text, drawn from a `Session`; independent of the screen."""
