"""Starting a whole deployment and keeping it up."""
