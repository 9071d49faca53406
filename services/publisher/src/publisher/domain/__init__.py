"""Pure decisions of the publisher: what a document is, what may happen to a submission."""
