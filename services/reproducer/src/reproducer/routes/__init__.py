"""HTTP: addresses, status codes, headers."""
