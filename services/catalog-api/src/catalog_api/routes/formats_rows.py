"""Items as rows of a GeoParquet file."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from earthcode_common.ogc.datetimes import parse_instant

from catalog_api.routes.formats_schema import Shape, Shapes, flat

JSON_TEXT = pa.json_(pa.string())
MOMENT = pa.timestamp("us", tz="UTC")
SIMPLE = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "string": pa.string(),
    "json": pa.string(),
    "time": MOMENT,
    "wkb": pa.binary(),
    None: pa.string(),  # only nulls: of what, nobody knows
}
LINK = {"href": "string", "rel": "string", "type": "string", "title": "string"}
EMPTY = ("stac_extensions", "links")  # required: there, if only as an empty list
REQUIRED: dict[str, Shape] = {
    "stac_version": "string",
    "stac_extensions": ["string"],
    "id": "string",
    "collection": "string",
    "links": [LINK],
}


class Rows:
    """A file being written: ``write`` and ``finish`` return the bytes that are new."""

    def __init__(self, shapes: Shapes) -> None:
        columns = _ordered(shapes.columns)
        self.collections: set[str] = set()
        self._box = _box_names(shapes.high)
        self._wkb = [name for name, shape in columns.items() if shape == "wkb"]
        self._types: dict[str, set[str]] = {name: set() for name in ("geometry", *self._wkb)}
        self._convert = {name: _converter(shape) for name, shape in columns.items()}
        self._schema = pa.schema([*self._first(), *(_field(*one) for one in columns.items())])
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(
            pa.PythonFile(self._sink, "w"), self._schema, compression="zstd"
        )

    def _first(self) -> list[Any]:
        box = pa.struct([(name, pa.float64()) for name in self._box])
        return [pa.field("geometry", pa.binary()), pa.field("bbox", box)]

    def write(self, items: list[Any]) -> bytes:
        rows = [flat(one) for one in items]
        self.collections |= {one["collection"] for one in rows if one.get("collection")}
        shapes = _shapes([one.get("geometry") for one in items])
        columns: list[list[Any]] = [
            self._wkbs("geometry", shapes),
            [self._bbox(*x) for x in zip(items, shapes, strict=True)],
        ]
        for name, convert in self._convert.items():
            values = [row.get(name) for row in rows]
            if name in EMPTY:
                values = [[] if one is None else one for one in values]
            if name in self._wkb:
                columns.append(self._wkbs(name, _shapes(values)))
            elif convert is None:
                columns.append(values)
            else:
                columns.append([None if one is None else convert(one) for one in values])
        arrays = [_array_of(c, f) for c, f in zip(columns, self._schema, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        return self._sink.taken()

    def finish(self, collections: Mapping[str, Any]) -> bytes:
        about = {"version": "1.1.0", "collections": dict(collections)}
        metadata = {"geo": _text(self._geo()), "stac-geoparquet": _text(about)}
        self._writer.add_key_value_metadata(metadata)
        self._writer.close()
        return self._sink.taken()

    def _wkbs(self, name: str, shapes: list[Any]) -> list[bytes | None]:
        self._types[name] |= {_type(one) for one in shapes if one is not None}
        return list(shapely.to_wkb(shapes, flavor="iso"))

    def _bbox(self, item: Mapping[str, Any], shape: Any) -> dict[str, float] | None:
        box = item.get("bbox")
        if not isinstance(box, list) or len(box) not in (4, 6):
            if shape is None or shape.is_empty:
                return None
            box = shape.bounds
        names = self._box if len(box) == 6 else _box_names(False)
        return dict(zip(names, map(float, box), strict=True))

    def _geo(self) -> dict[str, Any]:
        columns: dict[str, Any] = {
            name: {"encoding": "WKB", "geometry_types": sorted(types)}
            for name, types in self._types.items()
        }
        sides = {name: ["bbox", name] for name in self._box}
        columns["geometry"]["covering"] = {"bbox": sides}
        return {"version": "1.1.0", "primary_column": "geometry", "columns": columns}


class _Sink:
    """What the writer writes to; forgets what was taken."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing beneath."""

    def close(self) -> None:
        self.closed = True

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _ordered(columns: Mapping[str, Shape]) -> dict[str, Shape]:
    """Required columns first, and there even when no Item has them."""
    found = {name: columns.get(name) or shape for name, shape in REQUIRED.items()}
    found["stac_extensions"] = ["string"]
    links = columns.get("links")
    if isinstance(links, list) and isinstance(links[0], dict):
        found["links"] = [LINK | links[0]]
    found["assets"] = columns.get("assets")
    return found | {name: shape for name, shape in columns.items() if name not in found}


def _box_names(high: bool) -> list[str]:
    low, up = ["xmin", "ymin", "zmin"], ["xmax", "ymax", "zmax"]
    return low + up if high else low[:2] + up[:2]


def _field(name: str, shape: Shape) -> Any:
    kind = _arrow(shape)
    # Arrow makes values of extension types in columns only, not within others.
    is_json = shape in ("json", None, {})
    return pa.field(name, JSON_TEXT if is_json else kind)


def _array_of(values: list[Any], field: Any) -> Any:
    if field.type != JSON_TEXT:
        return pa.array(values, field.type)
    return pa.ExtensionArray.from_storage(JSON_TEXT, pa.array(values, pa.string()))


def _arrow(shape: Shape) -> Any:
    if isinstance(shape, list):
        return pa.list_(_arrow(shape[0]))
    if isinstance(shape, dict):  # Parquet has no object without members
        members = [(key, _arrow(one)) for key, one in shape.items()]
        return pa.struct(members) if members else pa.string()
    return SIMPLE[shape]


Convert = Callable[[Any], Any]


def _converter(shape: Shape) -> Convert | None:
    """From a JSON value, not None, to what Arrow takes for a column of that shape.

    None where Arrow takes the value as it is.
    """
    if isinstance(shape, list):
        return _array(_converter(shape[0]))
    if isinstance(shape, dict) and shape:
        return _object({key: _converter(one) for key, one in shape.items()})
    if shape == "number":
        return float
    if shape == "time":
        return lambda value: parse_instant(value, name="datetime")
    if shape in ("boolean", "integer", "string"):
        return None
    return lambda value: _text(value).decode()


def _array(element: Convert | None) -> Convert | None:
    if element is None:
        return None
    return lambda values: [None if one is None else element(one) for one in values]


def _object(members: Mapping[str, Convert | None]) -> Convert | None:
    """Only members that need it are converted."""
    needed = [(key, convert) for key, convert in members.items() if convert]
    if not needed:
        return None

    def converted(value: dict[str, Any]) -> dict[str, Any]:
        changed = {k: convert(value[k]) for k, convert in needed if value.get(k) is not None}
        return {**value, **changed}

    return converted


def _shapes(geometries: list[Any]) -> list[Any]:
    texts = [orjson.dumps(one) if isinstance(one, dict) else None for one in geometries]
    return list(shapely.from_geojson(texts, on_invalid="ignore"))


def _type(shape: Any) -> str:
    return f"{shape.geom_type} Z" if shape.has_z else str(shape.geom_type)


def _text(value: Any) -> bytes:
    return orjson.dumps(value)
