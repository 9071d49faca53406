"""Request models in stac-fastapi's form. Values stay text here: ``parameters`` reads them.

stac-fastapi's own models let NaN, wrong order and half of the malformed bodies through.
"""

from typing import Annotated, Any, Literal

import attr
from earthcode_common.ogc.facets import Unit
from earthcode_common.ogc.geohash import MAX_PRECISION
from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, StrictBool
from stac_fastapi.types.search import APIRequest

from catalog_api.domain.fields import MAX_PATHS
from catalog_api.domain.sorting import MAX_KEYS

BBOX = "west,south,east,north in degrees (or six numbers with heights); west > east crosses 180°"
DATETIME = "An RFC 3339 instant, or start/end with `..` for an open end"
FILTER = "CQL2, over the properties that /queryables lists and any other"
LANG = "cql2-text (the default in an address) or cql2-json (the default in a body)"
LANGS = ["cql2-text", "cql2-json"]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS = f"Only {CRS84}, which is the default"
QUERY = "Conditions by property: eq, neq, lt, lte, gt, gte, startsWith, endsWith, contains, in"
SORTBY = "Fields to sort by, `-` before one for descending; those without a value come last"
FIELDS = "Members to give (`id,properties.datetime`), or to leave out (`-geometry`)"
AGGREGATIONS = "Names of what to count, with commas between; /aggregations lists them"
PRECISION = "Characters of the geohashes of centroid_geohash_grid_frequency"
UNIT = "Unit of datetime_frequency; by default one that suits the data"
WORDS = "Words to look for; a comma means OR, words between commas are a phrase"
TOKEN = "From the link `next` of a page"

CollectionId = Annotated[str, Path(description="Id of a Collection")]
ItemId = Annotated[str, Path(description="Id of an Item")]
Bbox = Annotated[str | None, Query(description=BBOX, examples=["-10.5,35,30,60"])]
Datetime = Annotated[str | None, Query(description=DATETIME, examples=["2020-01-01T00:00:00Z/.."])]
Limit = Annotated[
    int | None, Query(ge=1, description="Members per page; at most 10000 are given at once")
]
Token = Annotated[str | None, Query(description=TOKEN)]
Q = Annotated[
    str | None,
    Query(description=WORDS),
]
Ids = Annotated[str | None, Query(description="Ids of Items, with commas between")]
Collections = Annotated[str | None, Query(description="Ids of Collections, with commas between")]
Intersects = Annotated[str | None, Query(description="A GeoJSON geometry, not beside bbox")]
Sortby = Annotated[
    str | None,
    Query(description=SORTBY, examples=["-properties.datetime,id"]),
]
Fields = Annotated[
    str | None, Query(description=FIELDS, examples=["id,properties.datetime,-links"])
]

Filter = Annotated[str | None, Query(description=FILTER, examples=["gsd <= 10"])]
FilterLang = Annotated[
    str | None,
    Query(alias="filter-lang", description=LANG, json_schema_extra={"enum": LANGS}),
]
FilterCrs = Annotated[
    str | None, Query(alias="filter-crs", description=CRS, json_schema_extra={"enum": [CRS84]})
]
StacQl = Annotated[str | None, Query(description=QUERY, examples=['{"gsd": {"lte": 10}}'])]

Aggregations = Annotated[str | None, Query(description=AGGREGATIONS, examples=["total_count"])]
Precision = Annotated[int, Query(ge=1, le=MAX_PRECISION, description=PRECISION)]
Interval = Annotated[Unit | None, Query(description=UNIT)]


@attr.s(auto_attribs=True)
class NoParameters(APIRequest):
    pass


@attr.s(auto_attribs=True)
class OneCollection(APIRequest):
    collection_id: CollectionId


@attr.s(auto_attribs=True)
class OneItem(APIRequest):
    collection_id: CollectionId
    item_id: ItemId


@attr.s(auto_attribs=True)
class CollectionsGet(APIRequest):
    q: Q = None
    bbox: Bbox = None
    datetime: Datetime = None
    filter: Filter = None
    filter_lang: FilterLang = None
    filter_crs: FilterCrs = None
    query: StacQl = None
    sortby: Sortby = None
    fields: Fields = None
    limit: Limit = None
    token: Token = None


@attr.s(auto_attribs=True)
class ItemsGet(APIRequest):
    """``collections`` because pystac-client names the Collection of the address once more."""

    collection_id: CollectionId
    collections: Collections = None
    ids: Ids = None
    q: Q = None
    bbox: Bbox = None
    datetime: Datetime = None
    filter: Filter = None
    filter_lang: FilterLang = None
    filter_crs: FilterCrs = None
    query: StacQl = None
    sortby: Sortby = None
    fields: Fields = None
    limit: Limit = None
    token: Token = None


@attr.s(auto_attribs=True)
class SearchGet(APIRequest):
    collections: Collections = None
    ids: Ids = None
    q: Q = None
    bbox: Bbox = None
    intersects: Intersects = None
    datetime: Datetime = None
    filter: Filter = None
    filter_lang: FilterLang = None
    filter_crs: FilterCrs = None
    query: StacQl = None
    sortby: Sortby = None
    fields: Fields = None
    limit: Limit = None
    token: Token = None


@attr.s(auto_attribs=True)
class AggregateCollectionsGet(APIRequest):
    aggregations: Aggregations = None
    q: Q = None
    bbox: Bbox = None
    datetime: Datetime = None
    filter: Filter = None
    filter_lang: FilterLang = None
    filter_crs: FilterCrs = None
    query: StacQl = None
    centroid_geohash_grid_frequency_precision: Precision = 2
    datetime_frequency_interval: Interval = None


@attr.s(auto_attribs=True)
class AggregateGet(APIRequest):
    aggregations: Aggregations = None
    collections: Collections = None
    ids: Ids = None
    q: Q = None
    bbox: Bbox = None
    intersects: Intersects = None
    datetime: Datetime = None
    filter: Filter = None
    filter_lang: FilterLang = None
    filter_crs: FilterCrs = None
    query: StacQl = None
    centroid_geohash_grid_frequency_precision: Precision = 2
    datetime_frequency_interval: Interval = None


class SortKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    field: str = Field(min_length=1, max_length=200, examples=["properties.datetime"])
    direction: Literal["asc", "desc"] = "asc"


class FieldsBody(BaseModel):
    """Whether ``include`` is absent or null makes a difference beside ``exclude``."""

    model_config = ConfigDict(extra="forbid")

    include: list[str] | None = Field(default=None, max_length=MAX_PATHS)
    exclude: list[str] | None = Field(default=None, max_length=MAX_PATHS)


class Conditions(BaseModel):
    """What a search for Items can ask; members that are not known are refused."""

    model_config = ConfigDict(extra="forbid")

    collections: list[str] | str | None = Field(None, description="Ids of Collections")
    ids: list[str] | str | None = Field(None, description="Ids of Items")
    q: list[str] | str | None = Field(None, description=WORDS)
    bbox: list[Any] | None = Field(None, description=BBOX, examples=[[-10.5, 35, 30, 60]])
    intersects: dict[str, Any] | None = Field(
        None, description="A GeoJSON geometry, not beside bbox"
    )
    datetime: str | None = Field(None, description=DATETIME, examples=["2020-01-01T00:00:00Z/.."])
    filter: dict[str, Any] | StrictBool | str | None = Field(None, description=FILTER)
    filter_lang: Literal["cql2-json", "cql2-text"] | None = Field(
        None, alias="filter-lang", description=LANG
    )
    filter_crs: str | None = Field(
        None, alias="filter-crs", description=CRS, json_schema_extra={"enum": [CRS84, None]}
    )
    query: dict[str, Any] | None = Field(None, description=QUERY, examples=[{"gsd": {"lte": 10}}])

    def asked(self) -> dict[str, Any]:
        """What was really sent; null is absent, apart from those within ``fields``."""
        sent = self.model_dump(exclude_unset=True, by_alias=True)
        return {name: value for name, value in sent.items() if value is not None}


class SearchPost(Conditions):
    """The body of POST /search."""

    sortby: list[SortKey] | None = Field(
        None, description=SORTBY, min_length=1, max_length=MAX_KEYS
    )
    fields: FieldsBody = Field(default_factory=FieldsBody, description=FIELDS)
    limit: int | None = Field(None, ge=1, description="Members per page, at most 10000")
    token: str | None = Field(None, description=TOKEN)


class AggregatePost(Conditions):
    """The body of POST /aggregate."""

    aggregations: list[str] | str | None = Field(
        None, description=AGGREGATIONS, examples=[["total_count"]]
    )
    centroid_geohash_grid_frequency_precision: int = Field(
        2, ge=1, le=MAX_PRECISION, description=PRECISION
    )
    datetime_frequency_interval: Unit | None = Field(None, description=UNIT)
