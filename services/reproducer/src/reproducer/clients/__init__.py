"""Foreign systems: the other services' documents, and platforms."""
