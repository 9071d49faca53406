-- Two spatial indexes in place of one. Among many small footprints a few large ones (of continents,
-- of years) widen every page of an index, which then prunes badly: apart, searches read a third of
-- the pages. "Small" is said in the same words by filters.small_and_large(); without them neither is used.
drop index {name}_box;
create index {name}_box on {name} using gist (box, part_key)
    where x1 - x0 <= 8 and y1 - y0 <= 8 and t1 - t0 <= interval '90 days';
create index {name}_box_large on {name} using gist (box, part_key)
    where not (x1 - x0 <= 8 and y1 - y0 <= 8 and t1 - t0 <= interval '90 days');
