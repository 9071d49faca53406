"""Other services the records come from."""
