"""Documents to be searched: few values each, so that they meet each other and what is asked for.

Plain dictionaries: ``id``, ``collection``, ``geometry`` (GeoJSON or None), ``start`` and ``end``
(datetimes, None is open; both None is "no time") and ``properties``.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

Doc = dict[str, Any]

COLLECTIONS = ["c1", "c2", "é.3"]
LONGITUDES = [-180, -175, -170, -60, -10, 0, 5, 10, 60, 170, 175, 180]
LATITUDES = [-90, -45, 0, 5, 10, 45, 90]
TEXTS = ["", "a", "A", "Été", "ete", "ETE\u0301", "Straße", "STRASSE", "Øre", "øre", "a%b", "a_b"]
TEXTS += ["a\\b", "O'Brien", '"q"', "ΣΑΣ", "σας", "Жук", "жУК", "x" * 40, "日本", "10", "\n", "aXb"]
TEXTS += ["Łódź", "łódź", "%", "a\\%b", "été", "true", "2020-01-01", "😀x", "\uffff"]
SIGNS = ["a_b", "a%b", "aXb", "a\\b", "%"]  # which LIKE might take for others
TEXTS += SIGNS
FOLDED = ["Straße", "STRASSE", "Été", "ete", "ETE\u0301", "ΣΑΣ", "σας", "Øre", "øre", "Łódź"]
NUMBERS = [-3, -1, 0, 1, 2, 2.5, 3, 10, 0.1, 0.3, 1e200, 1e-200, 2**53 + 1, 2**53, -0.0, -0.5, 7]
MOMENTS = [datetime(1700, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)]
MOMENTS += [datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=12 * n) for n in range(9)]
DATES = ["2020-01-01", "2020-01-02", "2020-01-04", "2019-12-31", "1700-01-01"]
STAMPS = ["2020-01-01T12:00:00+02:00", "2020-01-02T00:00:00.0000001Z", "2020-01-02t12:00:00z"]
NO_TIMES = ["2020-02-30", "2019-02-29T00:00:00Z", "2020-01-01T25:00:00Z", "2020", "soon", ""]


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


TIME_TEXTS = [stamp(moment) for moment in MOMENTS] + DATES + STAMPS
ELEMENTS: list[Any] = ["a", "b", "c", 1, 1.0, 2, True, None, "2020-01-01", ["a"], {"a": 1}]


def box(x0: float, y0: float, x1: float, y1: float) -> list[Any]:
    return [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]


def polygon(*corners: float) -> Doc:
    return {"type": "Polygon", "coordinates": box(*corners)}


class Documents:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def many(self, count: int) -> list[Doc]:
        return [self._document(number) for number in range(count)]

    def _document(self, number: int) -> Doc:
        start, end = self._time()
        return {
            "id": f"i{number:02}",
            "collection": self.rng.choice(COLLECTIONS),
            "geometry": self.geometry() if self.rng.random() > 0.12 else None,
            "start": start,
            "end": end,
            "properties": self._properties(whole=number == 0),
        }

    def _time(self) -> tuple[datetime | None, datetime | None]:
        one, two = sorted(self.rng.choices(MOMENTS, k=2))
        ways = [(one, one), (one, one), (one, two), (one, two), (one, None), (None, one)]
        return self.rng.choice([*ways, (None, None)])

    def _properties(self, *, whole: bool) -> Doc:
        choice = self.rng.choice
        made = {
            "gsd": self._mostly(choice(NUMBERS)),
            "n": self._mostly(choice(NUMBERS)),
            "eo:cloud_cover": choice(NUMBERS),
            "s": choice(TEXTS),
            "t": self._mostly(choice(TEXTS)),
            "title": choice(TEXTS),
            "flag": self._mostly(choice([True, False])),
            "tags": self._mostly(self._array()),
            "more": self._array(),
            "keywords": self._array()[:2],
            "created": self._mostly(choice(TIME_TEXTS)),
            "when": choice(TIME_TEXTS + NO_TIMES),
            "nest": self._mostly({"k": self._scalar()}),
        }
        if self.rng.random() < 0.25:
            made["nest.k"] = self._scalar()
        if not whole:
            for name in self.rng.sample(sorted(made), self.rng.randrange(3)):
                del made[name]
        return made

    def _mostly(self, value: Any) -> Any:
        """Sometimes something else."""
        return value if self.rng.random() > 0.15 else self._scalar()

    def _scalar(self) -> Any:
        return self.rng.choice(self.rng.choice([[None], [True, False], NUMBERS, TEXTS, TIME_TEXTS]))

    def _array(self) -> list[Any]:
        return self.rng.choices(ELEMENTS, k=self.rng.randrange(5))

    def geometry(self) -> Doc:
        kinds = [self._box, self._box, self._crossing, self._point, self._line, self._corner]
        kinds += [self._many, self._collection, self._holed, self._split, self._bow]
        return self.rng.choice(kinds)()

    def span(self, values: list[int]) -> tuple[int, int]:
        low, high = sorted(self.rng.sample(values, 2))
        return low, high

    def _box(self) -> Doc:
        (x0, x1), (y0, y1) = self.span(LONGITUDES), self.span(LATITUDES)
        return polygon(x0, y0, x1, y1)

    def _crossing(self) -> Doc:
        """Beyond 180 degrees, as the antimeridian is crossed by those who do not cut there."""
        (y0, y1), west = self.span(LATITUDES), self.rng.choice([165, 170, 175])
        east = self.rng.choice([182, 185, 195])
        line = {"type": "LineString", "coordinates": [[west, y0], [east, y0]]}
        return self.rng.choice([polygon(west, y0, east, y1), line])

    def _split(self) -> Doc:
        """The same, cut."""
        (y0, y1), west = self.span(LATITUDES), self.rng.choice([165, 170, 175])
        both = [box(west, y0, 180, y1), box(-180, y0, self.rng.choice([-178, -165]), y1)]
        return {"type": "MultiPolygon", "coordinates": both}

    def _point(self) -> Doc:
        place = [self.rng.choice(LONGITUDES), self.rng.choice(LATITUDES)]
        return {"type": "Point", "coordinates": place}

    def _line(self) -> Doc:
        (x0, x1), (y0, y1) = self.span(LONGITUDES), self.span(LATITUDES)
        return {"type": "LineString", "coordinates": [[x0, y0], [x1, self.rng.choice([y0, y1])]]}

    def _corner(self) -> Doc:
        (x0, x1), (y0, y1) = self.span(LONGITUDES), self.span(LATITUDES)
        return {"type": "Polygon", "coordinates": [[[x0, y0], [x1, y0], [x0, y1], [x0, y0]]]}

    def _many(self) -> Doc:
        kind = self.rng.choice(["Point", "LineString", "Polygon"])
        make = {"Point": self._point, "LineString": self._line, "Polygon": self._box}[kind]
        members = [make()["coordinates"] for _ in range(1 if kind == "Polygon" else 2)]
        return {"type": f"Multi{kind}", "coordinates": members}

    def _collection(self) -> Doc:
        return {"type": "GeometryCollection", "geometries": [self._box(), self._line()]}

    def _holed(self) -> Doc:
        y0 = self.rng.choice([-45, 0])
        rings = box(-10, y0, 60, 45) + box(0, 5, 10, 10)
        return {"type": "Polygon", "coordinates": rings}

    def _bow(self) -> Doc:
        """A polygon that crosses itself: its two triangles are meant."""
        ring = [[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]
        return {"type": "Polygon", "coordinates": [ring]}
