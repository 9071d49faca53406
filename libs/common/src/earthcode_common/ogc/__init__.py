"""What the STAC API and the OGC API Records share: request words and the search store."""
