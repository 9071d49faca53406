"""From OpenAPI 3.1 to 3.0."""

import pytest
from earthcode_common.ogc.openapi import lowered


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "T"},
            {"type": "string", "nullable": True, "title": "T"},
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
            {
                "anyOf": [
                    {"type": "string", "nullable": True},
                    {"type": "integer", "nullable": True},
                ]
            },
        ),
        (
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
            {"nullable": True, "allOf": [{"$ref": "#/x"}]},
        ),
        ({"$ref": "#/x", "description": "d"}, {"allOf": [{"$ref": "#/x"}], "description": "d"}),
        ({"$ref": "#/x"}, {"$ref": "#/x"}),
        (
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
            {"type": "string", "enum": ["a", None], "nullable": True},
        ),
        ({"const": 3}, {"enum": [3]}),
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"examples": ["a", "b"]}, {"example": "a"}),
        ({"examples": {"named": {"value": 1}}}, {"examples": {"named": {"value": 1}}}),
        ({"contentMediaType": "a/b", "type": "string"}, {"format": "binary", "type": "string"}),
        (
            {"prefixItems": [{"type": "number"}, {"type": "number"}], "type": "array"},
            {"type": "array", "items": {"type": "number"}},
        ),
        (
            {"properties": {"const": {"type": "string"}, "if": {"const": 1}}},
            {"properties": {"const": {"type": "string"}, "if": {"enum": [1]}}},
        ),
        ({"default": {"const": 1, "type": ["null"]}}, {"default": {"const": 1, "type": ["null"]}}),
    ],
)
def test_a_schema_says_the_same(newer, older):
    document = lowered({"openapi": "3.1.0", "components": {"schemas": {"X": newer}}})
    assert document == {"openapi": "3.0.3", "components": {"schemas": {"X": older}}}
