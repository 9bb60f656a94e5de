"""Validation: is the model fit to serve? Every claim as a number beside its threshold."""
