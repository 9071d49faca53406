"""Why a load ends early."""


class LoadFailed(RuntimeError):
    """A process could not go on; what was stored stays."""
