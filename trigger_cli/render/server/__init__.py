"""Results of requests to a server: `doctor` and `fetch`."""
