"""The STAC API over HTTP: parameters in, texts out."""
