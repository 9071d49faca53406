"""`load`: many Items from files, by several processes, batch by batch."""
