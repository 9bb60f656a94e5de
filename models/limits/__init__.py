"""From a probability to a limit: candidates, conditions, money."""
