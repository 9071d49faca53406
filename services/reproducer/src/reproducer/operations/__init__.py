"""What happens together."""
