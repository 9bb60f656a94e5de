"""How it is learned: cohorts, splits, fit, validation, registry. Offline only."""

from features.quiet import hush

hush()
