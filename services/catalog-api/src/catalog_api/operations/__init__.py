"""What happens together, in one transaction that the caller opened."""
