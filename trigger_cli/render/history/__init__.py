"""Questions about a whole log: `audit`, `diff`, `sweep` and `events`."""
