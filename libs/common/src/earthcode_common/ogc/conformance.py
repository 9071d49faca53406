"""Addresses of the conformance classes that more than one service declares."""

COMMON_1 = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/"
COMMON_2 = "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/"
FEATURES_1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
FEATURES_3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/"
RECORDS_1 = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/"


def classes(prefix: str, *names: str) -> list[str]:
    return [prefix + name for name in names]
