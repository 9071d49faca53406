"""The STAC API of the federation: products, projects, vocabularies and their Items."""
