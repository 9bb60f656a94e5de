"""What was known: raw tables in, one row of features per (buyer_id, as_of_date) out."""
