"""Records for the benchmark: always the same, seven of ten with a polygon, all with a time."""

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

TOPICS = (
    *("permafrost", "glacier", "sea ice", "lightning", "aerosol", "chlorophyll", "soil moisture"),
    *("biomass", "wildfire", "methane", "evaporation", "salinity", "land cover", "snow depth"),
    *("ocean colour", "river discharge", "crop extent", "air quality", "ozone", "gravity"),
)
METHODS = (
    *("anomaly", "trend", "classification", "retrieval", "downscaling", "assimilation"),
    *("regression", "segmentation", "composite", "forecast", "calibration", "validation"),
)
PLACES = (
    *("Arctic", "Alps", "Sahel", "Amazon", "Baltic", "Siberia", "Patagonia", "Mediterranean"),
    *("Himalaya", "Greenland", "Congo", "Andes"),
)
FILLING = [
    "The",
    "workflow",
    "reads",
    "gridded",
    "observations,",
    "masks",
    "what",
    "is",
    "cloudy",
    "or",
    "missing,",
    "and",
    "writes",
    "one",
    "file",
    "for",
    "each",
    "month.",
    "Parameters",
    "are",
    "the",
    "period,",
    "the",
    "region",
    "and",
    "the",
    "thresholds",
    "of",
    "quality.",
]
THEMES = ("atmosphere", "cryosphere", "land", "oceans", "solid-earth", "magnetosphere-ionosphere")
LICENSES = ("CC-BY-4.0", "MIT", "Apache-2.0", "CC-BY-SA-4.0")


def records(number: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(20_004)
    for index in range(number):
        yield _record(f"workflow-{index:06}", chance)


def _record(id: str, chance: random.Random) -> dict[str, Any]:
    topic, method, place = (chance.choice(many) for many in (TOPICS, METHODS, PLACES))
    start, years = chance.randint(1985, 2022), chance.randint(0, 3)
    text = " ".join(chance.sample(FILLING, len(FILLING)))
    return {
        "id": id,
        "type": "Feature",
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"],
        "geometry": _polygon(chance) if chance.random() < 0.7 else None,
        "time": {"interval": [f"{start}-01-01T00:00:00Z", f"{start + years}-12-31T23:59:59Z"]},
        "properties": {
            "type": "workflow",
            "title": f"{method.capitalize()} of {topic} over the {place}",
            "description": f"{topic.capitalize()} by {method}. {text}",
            "keywords": [topic, method, place],
            "themes": [{"scheme": "osc", "concepts": [{"id": chance.choice(THEMES)}]}],
            "license": chance.choice(LICENSES),
            "created": f"{start}-06-01T00:00:00Z",
            "updated": f"{start + years}-06-01T00:00:{chance.randint(10, 59)}Z",
            "osc:project": f"project-{chance.randint(1, 40)}",
            "osc:status": chance.choice(["completed", "ongoing"]),
        },
        "links": [{"rel": "git", "href": f"https://code.example/{id}", "type": "text/html"}],
    }


def _polygon(chance: random.Random) -> dict[str, Any]:
    west, south = round(chance.uniform(-175, 150), 3), round(chance.uniform(-80, 60), 3)
    east = round(west + chance.uniform(0.1, 25), 3)
    north = round(south + chance.uniform(0.1, 20), 3)
    ring = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def words() -> list[str]:
    """What a text search asks for: each finds some percent of the records."""
    return [*TOPICS, *PLACES]


def fresh_words(number: int) -> list[str]:
    """The same words, no two spelled alike: nothing is remembered of a search for one of them."""
    chance, made = random.Random(2), dict[str, None]()
    while len(made) < number:
        word = chance.choice(words())
        made["".join(chance.choice((one.lower(), one.upper())) for one in word)] = None
    return list(made)


def searches(number: int) -> list[str]:
    """Queries that differ all: a topic within some years."""
    made = [
        f"q={quote(topic)}&datetime={start}-01-01T00:00:00Z/{start + more}-01-01T00:00:00Z"
        for start in range(1985, 2020)
        for more in (1, 2, 3, 4)
        for topic in TOPICS
    ]
    return random.Random(1).sample(made, number)
