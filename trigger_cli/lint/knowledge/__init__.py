"""What rules ask: what Prefect emits, what patterns mean, what a replay showed."""
