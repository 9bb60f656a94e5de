"""Statistics that training and surveillance share: stability, and grades against outcomes."""
