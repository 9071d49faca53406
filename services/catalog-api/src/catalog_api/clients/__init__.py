"""Other systems the catalogue talks to."""
