"""All SQL of the reproducer, and the files of results."""
