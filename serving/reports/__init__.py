"""Answers about a whole portfolio, as tables on the screen and pages to keep."""
