"""What to order and what will not sell in time: one arithmetic for every slice that says so."""
