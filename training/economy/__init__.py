"""A generated economy whose true default probabilities are known."""
