"""Shocks to the economy, the trade or the facts, and what they do to a portfolio."""
