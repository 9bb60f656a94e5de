"""Payment behaviour and aged balances, from one compiled pass over a buyer's invoices."""
