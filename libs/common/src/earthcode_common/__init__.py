"""What the services of the EarthCODE federation share: doors, contracts and the search store."""

__version__ = "0.1.0"
