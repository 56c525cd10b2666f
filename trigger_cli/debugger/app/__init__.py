"""The debugger's Textual program: keys, mouse and panes; ``views/`` provides their content."""
