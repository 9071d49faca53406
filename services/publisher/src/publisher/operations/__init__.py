"""What happens together: each function here is (part of) one transaction."""
