"""What harvesters and repositories take: all of it for a record, some of it for more than one."""

from records_api.representations import atom, crate, datacite, datacite_xml, dcat_catalog

RECORD = [
    *dcat_catalog.RECORD,
    *crate.RECORD,
    *datacite.RECORD,
    *datacite_xml.RECORD,
    *atom.RECORD,
]
PAGE = [*dcat_catalog.PAGE, *atom.PAGE]
CATALOG = dcat_catalog.CATALOG
