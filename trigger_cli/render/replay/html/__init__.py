"""``replay --format html``: a replay as one self-contained page."""
