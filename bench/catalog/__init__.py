"""The catalogue's search and bulk load, measured beside a peer and beside the practical limit."""
