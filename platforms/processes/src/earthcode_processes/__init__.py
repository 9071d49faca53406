"""A real OGC API Processes platform: pygeoapi with a job manager that survives kill -9."""
