"""Facts that rules use: Prefect's events, the meaning of patterns, the results of a replay."""
