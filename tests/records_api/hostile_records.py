"""Records as anybody might write them: strange text, addresses and shapes in every member."""

from typing import Any

from hypothesis import strategies as st

HERE = "https://records.test/records/collections/workflows"
NASTY = [
    "quo\"te's and \\ back\\slashes\\n",
    "line\nbreak\r\n\ttab",
    "\x00\x01\x0b\x0c\x1f\x7f\x85\ufffe\uffff",
    "\ud800 half \udfff",
    "]]> <!-- --> <b>&amp;&#0;</b> <?x?>",
    "\u202eright to left\u2028\u2029",
    "𝔸🛰️ é ß",
    '"""^^<x>@en .',
]
ADDRESSES = [
    'https://example.org/a b<c>"d"{e}|f\\g^h`i',
    "https://example.org/%zz%20%é?q=[1]&a=b#x#y",
    "http://[::1]/x",
    "http://[bad",
    "http:///no-host",
    "https://example.org:port/",
    "//no.scheme/x",
    "relative/path.json",
    "dcat:Dataset",
    "gsp:wktLiteral",
    "geo:1,2",
    "urn:x:y z",
    "mailto:a@b.c",
    "javascript:alert(1)",
    "\n https://example.org/with\nbreaks \t",
    "https://doi.org/10.1234/a<b>c",
    "https://orcid.org/0000-0002-1825-0097",
    "ftps://user:word@host.example/x.nc",
    "",
]
RELS = [
    *("self", "collection", "related", "license", "via", "enclosure", "application", "git"),
    *("input", "environment", "cite-as", "Related publication", "describes", "", "x y<z>"),
]
texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=30))
addresses = st.one_of(st.sampled_from(ADDRESSES), texts, texts.map(lambda t: f"https://x.test/{t}"))
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)
links = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"rel": st.sampled_from(RELS), "href": addresses},
            optional={"type": st.one_of(texts, st.just("text/html")), "title": texts},
        ),
        anything,
    ),
    max_size=5,
)
contacts = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {},
            optional={
                "name": texts,
                "organization": texts,
                "identifier": addresses,
                "roles": st.lists(st.one_of(texts, st.just("publisher")), max_size=2),
                "emails": st.lists(st.fixed_dictionaries({"value": texts}), max_size=2),
                "links": links,
            },
        ),
        anything,
    ),
    max_size=3,
)
times = st.one_of(
    anything,
    st.fixed_dictionaries({"interval": st.lists(texts, min_size=2, max_size=2)}),
    st.just({"interval": ["..", "2020-01-01"]}),
    st.just({"date": "0001-01-01"}),
    st.just({"timestamp": "2020-02-30T00:00:00Z"}),
)
geometries = st.one_of(
    anything,
    st.just({"type": "Point", "coordinates": [1e-9, 89.9999999999]}),
    st.just({"type": "Polygon", "coordinates": [[[170, 1], [190, 1], [190, 5], [170, 1]]]}),
    st.just({"type": "LineString", "coordinates": [[0, 0, 5], [1, 1, 5]]}),
    st.just({"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0], [0, 0]]]}),
)
properties = st.fixed_dictionaries(
    {"type": st.one_of(st.sampled_from(["workflow", "experiment", "product"]), anything)},
    optional={
        "title": st.one_of(texts, anything),
        "description": st.one_of(texts, anything),
        "language": st.one_of(anything, texts.map(lambda t: {"code": t})),
        "keywords": st.one_of(st.lists(texts, max_size=4), anything),
        "created": st.one_of(texts, st.just("0001-01-01T00:00:00+14:00"), anything),
        "updated": st.one_of(st.just("9999-12-31T23:59:60-12:00"), anything),
        "version": st.one_of(texts, anything),
        "license": st.one_of(texts, st.just("MIT AND Apache-2.0"), anything),
        "contacts": contacts,
        "themes": st.one_of(
            anything,
            texts.map(lambda t: [{"scheme": t, "concepts": [{"id": t}]}]),
        ),
        "formats": st.one_of(
            st.lists(st.fixed_dictionaries({"name": texts, "mediaType": texts}), max_size=2),
            anything,
        ),
        "externalIds": anything,
        "DOI": st.one_of(st.just("10.1234/a\x0bb"), texts, addresses),
        "application:language": anything,
    },
)
hostile: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda id, properties, links, more: {
        "id": id,
        "type": "Feature",
        "properties": properties,
        "links": [
            {"rel": "self", "href": f"{HERE}/items/x"},
            {"rel": "collection", "href": HERE},
            *(links if isinstance(links, list) else []),
        ],
        **more,
    },
    texts,
    st.one_of(properties, anything),
    st.one_of(links, anything),
    st.fixed_dictionaries({"geometry": geometries, "time": times}),
)
