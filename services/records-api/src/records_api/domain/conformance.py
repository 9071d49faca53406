"""What is conformed to.

Table 1 of 20-004r1 (clause 2) names the classes; Annex A and the requirements spell some of them
in another way. Readers look for either, so both are declared (ogcapi-records#424).
"""

from earthcode_common.ogc import conformance
from earthcode_common.ogc.conformance import classes

RECORDS_2 = "http://www.opengis.net/spec/ogcapi-records-2/1.0/conf/"
# Clause 2 -> Annex A.
SPELLINGS = {
    "searchable-catalog-filtering": "searchable-catalog/filtering",
    "searchable-catalog-sorting": "searchable-catalog/sorting",
    "local-resources-catalog-query-parameters": "local-resource-catalog/query-parameters",
    "local-resources-catalog-filtering": "local-resources-catalog/filtering",
    "local-resources-catalog-sorting": "local-resources-catalog/sorting",
    "record-api": "records-api",
    "filtering": "cql-filter",
}
RECORDS = (
    *("crawlable-catalog", "searchable-catalog", "local-resources-catalog"),
    *("record-core", "record-collection", "record-core-query-parameters", "query-param-profile"),
    *("sorting", "json", "html", "oas30", "autodiscovery"),
    *SPELLINGS,
    *SPELLINGS.values(),
)
CQL2 = (
    *("cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators"),
    *("case-insensitive-comparison", "accent-insensitive-comparison"),
    *("basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions"),
    *("temporal-functions", "array-functions", "property-property", "arithmetic"),
)
CONFORMS_TO = [
    *classes(conformance.COMMON_1, "core", "landing-page", "json", "html", "oas30"),
    *classes(conformance.COMMON_2, "collections"),
    *classes(conformance.FEATURES_1, "core", "geojson", "html", "oas30"),
    *classes(conformance.FEATURES_3, "queryables", "queryables-query-parameters"),
    *classes(conformance.FEATURES_3, "filter", "features-filter"),
    *classes(conformance.CQL2, *CQL2),
    *classes(conformance.RECORDS_1, *RECORDS),
    *classes(RECORDS_2, "simple", "advanced"),
]
# What the document of one catalogue says of itself (catalogCommonProperties.yaml, conformsTo).
CATALOG = classes(conformance.RECORDS_1, "record-collection", "searchable-catalog")
CRAWLABLE = classes(conformance.RECORDS_1, "record-collection", "crawlable-catalog")
LOCAL = classes(conformance.RECORDS_1, "record-collection", "local-resources-catalog")
