"""The grid of amounts a limit is quoted on: coarser steps for larger amounts."""

from models.limits.limit_inputs import Floats
from models.policy import Policy


def round_down(policy: Policy, amount: Floats) -> Floats:
    """Down on the policy's grid. Amounts are read to the cent: 29,999.9999… is 30,000."""
    step = _step(policy, amount := amount.round(2))
    return (amount // step) * step


def round_up(policy: Policy, amount: Floats) -> Floats:
    """Up on the policy's grid, for a need: the grid alone must not turn a request away."""
    step = _step(policy, amount := amount.round(2))
    return -(-amount // step) * step


def _step(policy: Policy, amount: Floats) -> Floats:
    return policy.tables.step[policy.tables.below.searchsorted(amount, side="right")]
