-- A spatial index that does not know times, of small footprints (boxes.sql): where all at a place are
-- wanted, or few, it reads a tenth of the pages.
create index {name}_place on {name} using gist (box(point(x0, y0), point(x1, y1)), part_key)
    where not large_footprint(x0, y0, x1, y1, t0, t1);
