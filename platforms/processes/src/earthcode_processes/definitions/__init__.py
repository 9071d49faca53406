"""What the platform offers. Light to import: the server describes and checks, a job computes."""

from .definition import Definition
from .sst_anomaly import SST_ANOMALY
from .threshold_class_map import THRESHOLD_CLASS_MAP
from .zonal_mean import ZONAL_MEAN

DEFINITIONS: dict[str, Definition] = {
    definition.id: definition for definition in (SST_ANOMALY, ZONAL_MEAN, THRESHOLD_CLASS_MAP)
}

__all__ = ["DEFINITIONS", "Definition"]
