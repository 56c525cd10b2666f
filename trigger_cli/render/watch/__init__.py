"""`watch`: a dashboard, or one line for each firing."""
