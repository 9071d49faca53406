"""The laptop deployment and the earthcode command."""
