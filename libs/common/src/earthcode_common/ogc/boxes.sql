-- Two spatial indexes in place of one. Among many small footprints a few large ones (of continents,
-- of years) widen every page of an index, which then prunes badly: apart, searches read a third of
-- the pages. A search that asks for neither "large" nor "not large" (filters.py) uses none of them.
create or replace function large_footprint(
    x0 float8, y0 float8, x1 float8, y1 float8, t0 timestamptz, t1 timestamptz)
    returns boolean language sql immutable parallel safe
    return case
        when x1 - x0 <= 8 and y1 - y0 <= 8 and t1 - t0 <= interval '90 days' then false
        when x0 is not null then true
    end;
drop index {name}_box;
create index {name}_box on {name} using gist (box, part_key)
    where not large_footprint(x0, y0, x1, y1, t0, t1);
create index {name}_box_large on {name} using gist (box, part_key)
    where large_footprint(x0, y0, x1, y1, t0, t1);
