"""Thresholds of the gate, written once. Choices of this project, not law; domain notes 3.14.

`(warn, fail)` where both exist. A p-value below the first warns, below the second fails.
"""

P_VALUE = (0.05, 0.01)
DEFAULTS = (100, 30)  # in the test slice; below, neither ranks nor level can be judged
AUC_LOW = (0.70, 0.60)  # that the lower bound of the AUC must reach
SLOPES = ((0.8, 1.25), (0.6, 1.6))  # of the calibration line
GRADES_TOO_LOW = (1, 2)  # grades whose probability is too low, by Jeffreys with Holm's adjustment
LARGEST_GRADE = 0.30  # share of buyers in one grade
CONCENTRATION = 0.25  # Herfindahl index of the grades
FEWEST_GRADES = 7  # performing ones, Basel
POOL = 5  # defaults a pool of adjacent grades holds at the least
PSI = (0.10, 0.25)  # and above what chance gives
GAP = (0.05, 0.10)  # AUC in training less AUC out of time
SIZE = 0.003  # AUC that another number of trees or leaves would bring
SEEDS = 0.01  # spread of the AUC over seeds
UNSEEN = 0.01  # AUC lost on buyers never learned from
NEXT_DAY = (0.005, 0.02)  # AUC gained by one day of future
SINGLE_FEATURE = 0.95  # AUC of one feature alone, beyond which it must be a leak
ADDITIVITY = (1e-9, 1e-6)  # log-odds
REASONS = (0.70, 0.50)  # share of the top three reasons that re-training keeps
MONOTONE = 1e-9  # log-odds: rounding, not a violation
SIGNS = (0.95, 0.80)  # share of the drivers that follow the catalogue's sign
LATENCY = 0.200  # seconds, 95th percentile of one explained decision
TRUE_ERROR = (0.2, 1.0)  # expected calibration error to the true probability, in base rates
ORACLE = (0.97, 0.80)  # share of the oracle's Gini
TRUE_SLOPES = (0.9, 1.1)
"""Slope of the true probability on the predicted one."""
SEGMENT_DEFAULTS = 20  # below, a segment's AUC is shown and not judged
SEGMENT_AUC = 0.60  # that the upper bound of a segment's AUC must reach
