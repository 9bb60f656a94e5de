"""What we conclude: default probability, grade, limit, conditions, loss, reasons. Pure."""
