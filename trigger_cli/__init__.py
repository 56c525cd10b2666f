"""Event replay and trigger debugger for Prefect automations."""

__version__ = "0.2.0"
