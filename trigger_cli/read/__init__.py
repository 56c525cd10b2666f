"""Which records of a log a command takes, whatever it does with them."""
