"""HTTP words of the publisher; every path starts with /publish."""
