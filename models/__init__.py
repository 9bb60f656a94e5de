"""What we conclude: default probability, grade, limit, conditions, loss, reasons. No I/O but save and load."""
