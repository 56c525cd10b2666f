"""A replay: tables and timelines, JSON, a web page, a Perfetto trace."""
