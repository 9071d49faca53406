"""Pages for people: documents of the APIs as HTML, no scripts, nothing from elsewhere."""
