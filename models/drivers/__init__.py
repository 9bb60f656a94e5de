"""Exact drivers (TreeSHAP) from LightGBM's own text format."""
