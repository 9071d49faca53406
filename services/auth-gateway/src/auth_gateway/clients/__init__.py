"""Foreign systems: OpenID providers, and the services as the home page sees them."""
