"""How it is learned: cohorts, splits, fit, validation, registry. Offline only."""
