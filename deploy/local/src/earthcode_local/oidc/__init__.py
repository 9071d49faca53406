"""A small OpenID provider for laptops and tests: real protocol, demonstration people.

OpenID Connect Core and Discovery 1.0, RP-Initiated Logout 1.0, OAuth 2.0 with PKCE (RFC 7636,
S256 only), refresh token rotation, client credentials, the device grant (RFC 8628) and JWT access
tokens (RFC 9068). It refuses to run anywhere but on a loopback address of a local deployment.
"""
