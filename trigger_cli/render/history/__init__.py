"""Views of a whole log: `audit`, `diff`, `sweep` and `events`."""
