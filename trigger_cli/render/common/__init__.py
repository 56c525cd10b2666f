"""What several outputs share: names, phrases, instants, column widths, safe text."""
