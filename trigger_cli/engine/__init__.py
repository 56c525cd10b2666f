"""The deterministic engine: automations and events in, a stream of transitions out."""
