"""The debugger's Textual program: keys, mouse and panes; what they show comes from ``views/``."""
