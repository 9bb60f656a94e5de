"""Who may do what: keys for machines, accounts for people, one door for both."""
