"""Shared by several outputs: names, phrases, instants, column widths, safe text."""
