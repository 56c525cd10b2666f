"""What a server said: `doctor` and `fetch`."""
