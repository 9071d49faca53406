"""The OGC API Records of the federation: workflows, experiments and reproductions."""
