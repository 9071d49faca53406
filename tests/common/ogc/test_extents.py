"""Boxes of extents, as people write them."""

import pytest
from earthcode_common.ogc import extents
from earthcode_common.ogc.geometry import boxes_geometry, footprint
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([1, 2, 0, 3, 4, 9], [1, 2, 3, 4]),
        ([5, 5, 5, 5], [5, 5, 5, 5]),
        ([170, 0, -170, 10], [170, 0, -170, 10]),
        ([280, 25, 349, 49], [-80, 25, -11, 49]),
        ([0, -5, 360, 5], [-180, -5, 180, 5]),
        ([-190, 0, -170, 1], [170, 0, -170, 1]),
        ([160, 0, 200, 1], [160, 0, -160, 1]),
        ([-181, 0, 359, 1], None),
        ([20, 120, 35, 140], [120, 20, 140, 35]),
        ([180, -53, -180, -90], [-180, -90, 180, -53]),
        ([-90, -180, 90, 180], [-180, -90, 180, 90]),
        ([90, 180, -90, -180], [-180, -90, 180, 90]),
        ([-25, 71, 66, 36], [-25, 36, 66, 71]),
        ([-6111475, -5477531, 7566442, 4114895], None),
        ([1, 2, 3], None),
        ([1, 2, 3, None], None),
        ([1, 2, 3, True], None),
        ("1,2,3,4", None),
        (None, None),
    ],
)
def test_boxes_are_understood_as_they_were_meant(box, expected):
    assert extents.sensible(box) == expected


DEGREES = st.sampled_from([0, 45, 90, -90, 180, -180, 181, 359.9, 360, -360, 1e-9]) | st.floats()


@given(st.lists(st.lists(DEGREES, min_size=4, max_size=4), max_size=3))
def test_the_boxes_of_any_extent_make_a_place_together(boxes):
    found = extents.boxes({"spatial": {"bbox": boxes}})
    assert not found or footprint(boxes_geometry(found))


@pytest.mark.parametrize(
    ("extent", "expected"),
    [
        ({"spatial": {"bbox": [[0, 0, 9, 9], [1, 1, 2, 2]]}}, [[1, 1, 2, 2]]),
        ({"spatial": {"bbox": [[0, 0, 9, 9], [1, 1, 20, 2]]}}, [[0, 0, 9, 9], [1, 1, 20, 2]]),
        ({"spatial": {"bbox": [[0, 0, 9]]}}, []),
        ({"spatial": {"bbox": 5}}, []),
        ({"spatial": []}, []),
        (None, []),
    ],
)
def test_of_several_boxes_the_first_encloses_the_others(extent, expected):
    assert extents.boxes(extent) == expected
