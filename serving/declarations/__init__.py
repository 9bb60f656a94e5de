"""What people declare and decide: overdues and claims, overrides, referrals."""
