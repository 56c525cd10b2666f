"""The deterministic engine: takes automations and events, yields transitions."""
