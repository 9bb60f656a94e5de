"""Decisions, append-only and chained by hash."""
