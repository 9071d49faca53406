"""DataCite Metadata Schema 4.6 as JSON Schema: what it allows where (its sections 3 and 4)."""

from typing import Any

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:[!-~]+$"}
LONGITUDE = {"type": "number", "minimum": -180, "maximum": 180}
LATITUDE = {"type": "number", "minimum": -90, "maximum": 90}
CONTRIBUTORS = (
    "ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution"
    " Producer ProjectLeader ProjectManager ProjectMember RegistrationAgency"
    " RegistrationAuthority RelatedPerson Researcher ResearchGroup RightsHolder Sponsor Supervisor"
    " Translator WorkPackageLeader Other"
)
DATES = (
    "Accepted Available Collected Copyrighted Coverage Created Issued Other Submitted Updated"
    " Valid Withdrawn"
)
RESOURCES = (
    "Audiovisual Award Book BookChapter Collection ComputationalNotebook ConferencePaper"
    " ConferenceProceeding DataPaper Dataset Dissertation Event Image Instrument"
    " InteractiveResource Journal JournalArticle Model OutputManagementPlan PeerReview"
    " PhysicalObject Preprint Project Report Service Software Sound Standard StudyRegistration"
    " Text Workflow Other"
)
RELATIONS = (
    "Cites IsCitedBy Collects IsCollectedBy Compiles IsCompiledBy Continues IsContinuedBy"
    " Describes IsDescribedBy Documents IsDocumentedBy HasMetadata IsMetadataFor HasPart IsPartOf"
    " HasTranslation IsTranslationOf HasVersion IsVersionOf IsDerivedFrom IsSourceOf IsIdenticalTo"
    " IsNewVersionOf IsPreviousVersionOf IsObsoletedBy Obsoletes IsOriginalFormOf IsVariantFormOf"
    " IsPublishedIn IsReferencedBy References IsRequiredBy Requires IsReviewedBy Reviews"
    " IsSupplementTo IsSupplementedBy"
)
IDENTIFIERS = (
    "ARK arXiv bibcode CSTR DOI EAN13 EISSN Handle IGSN ISBN ISSN ISTC LISSN LSID PMID PURL RRID"
    " UPC URL URN w3id"
)
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"


def one_of(words: str) -> dict[str, Any]:
    return {"enum": words.split()}


def closed(required: str, **members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required.split(),
        "properties": members,
        "additionalProperties": False,
    }


def many(item: Any, least: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "uniqueItems": True}


PERSON = {
    "name": TEXT,
    "nameType": one_of("Personal Organizational"),
    "nameIdentifiers": many(
        closed(
            "nameIdentifier nameIdentifierScheme",
            nameIdentifier=ADDRESS,
            nameIdentifierScheme=one_of("ORCID ROR"),
            schemeUri=ADDRESS,
        )
    ),
    "affiliation": many(
        closed(
            "name",
            name=TEXT,
            affiliationIdentifier=ADDRESS,
            affiliationIdentifierScheme=one_of("ROR"),
            schemeUri=ADDRESS,
        )
    ),
}
POINT = closed("pointLongitude pointLatitude", pointLongitude=LONGITUDE, pointLatitude=LATITUDE)
BOX = closed(
    "westBoundLongitude eastBoundLongitude southBoundLatitude northBoundLatitude",
    westBoundLongitude=LONGITUDE,
    eastBoundLongitude=LONGITUDE,
    southBoundLatitude=LATITUDE,
    northBoundLatitude=LATITUDE,
)
CORNERS = {"type": "array", "minItems": 4, "items": closed("polygonPoint", polygonPoint=POINT)}
PLACE = closed("", geoLocationPoint=POINT, geoLocationBox=BOX, geoLocationPolygon=CORNERS)
SCHEMA = closed(
    "types creators titles publisher publicationYear descriptions schemaVersion",
    doi={"type": "string", "pattern": r"^10\.[0-9]{4,9}/\S+$"},
    url=ADDRESS,
    types=closed("resourceTypeGeneral", resourceType=TEXT, resourceTypeGeneral=one_of(RESOURCES)),
    creators=many(closed("name", **PERSON)),
    titles=many(closed("title", title=TEXT, lang=TEXT)),
    publisher=closed(
        "name", name=TEXT, publisherIdentifier=ADDRESS, publisherIdentifierScheme=one_of("ROR")
    ),
    publicationYear={"type": "string", "pattern": r"^\d{4}$"},
    subjects=many(
        closed(
            "subject",
            subject=TEXT,
            subjectScheme=TEXT,
            schemeUri=ADDRESS,
            valueUri=ADDRESS,
            lang=TEXT,
        )
    ),
    contributors=many(
        closed("name contributorType", contributorType=one_of(CONTRIBUTORS), **PERSON)
    ),
    dates=many(
        closed(
            "date dateType",
            date={"type": "string", "pattern": f"^({INSTANT})?(/({INSTANT})?)?$", "minLength": 4},
            dateType=one_of(DATES),
        )
    ),
    language=TEXT,
    alternateIdentifiers=many(
        closed(
            "alternateIdentifier alternateIdentifierType",
            alternateIdentifier=TEXT,
            alternateIdentifierType=TEXT,
        )
    ),
    relatedIdentifiers=many(
        closed(
            "relatedIdentifier relatedIdentifierType relationType",
            relatedIdentifier=TEXT,
            relatedIdentifierType=one_of(IDENTIFIERS),
            relationType=one_of(RELATIONS),
        )
    ),
    formats=many(TEXT),
    version=TEXT,
    rightsList=many(
        closed(
            "rights",
            rights=TEXT,
            rightsUri=ADDRESS,
            rightsIdentifier=TEXT,
            rightsIdentifierScheme=one_of("SPDX"),
            schemeUri=ADDRESS,
        )
    ),
    descriptions=many(
        closed(
            "description descriptionType",
            description=TEXT,
            descriptionType=one_of("Abstract"),
            lang=TEXT,
        )
    ),
    geoLocations=many(PLACE),
    schemaVersion={"const": "http://datacite.org/schema/kernel-4"},
)
