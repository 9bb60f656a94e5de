"""Published accounts: liquidity, debt, profit, activity, growth, disclosure, classical scores."""
