-- The search store for documents with and without geometry and time; {name} is its table.
-- Contrib modules only: any managed PostgreSQL has them.
create extension if not exists cube;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Signs page tokens; made here so that all replicas share it and no one has to configure it.
create table if not exists search_secret (
    one boolean primary key default true check (one),
    key text not null
);
insert into search_secret (key)
values (gen_random_uuid()::text || gen_random_uuid()::text) on conflict do nothing;

-- Seconds / 2^20: days are about as large as degrees and no microsecond is lost. Clamped, so that
-- open ends stay near the data: they would spoil the splits of the index.
create or replace function search_time(timestamptz) returns float8
    language sql immutable strict parallel safe
    return extract(epoch from (
        greatest(least($1, timestamptz '2200-01-01 00:00:00+00'), timestamptz '1800-01-01 00:00:00+00')
        at time zone 'UTC'))::float8 / 1048576;

-- What a property is sorted by: null when it is missing, null, an array or an object. Strings are
-- cut, so that page tokens stay short; rows that are alike so far follow in their own order.
create or replace function search_key(props jsonb, name text) returns jsonb
    language sql immutable strict parallel safe
    return case jsonb_typeof(props -> name)
        when 'string' then to_jsonb(left(props ->> name, 120))
        when 'number' then props -> name
        when 'boolean' then props -> name
    end;

create table {name} (
    seq      bigint generated always as identity primary key,
    part     text not null,
    part_key int not null,              -- CRC-32 of part: narrow enough for the spatial index
    id       text not null,
    version  bigint not null,
    etag     text not null,
    updated  timestamptz not null,
    timed    boolean not null,          -- false: no time; t0 and t1 are then before all others
    t0       timestamptz not null,
    t1       timestamptz not null,
    x0       float8,                    -- unwrapped: x1 passes 180 across the antimeridian
    y0       float8,
    x1       float8,
    y1       float8,
    box      cube generated always as (
        case when x0 is not null then
            cube(array[x0, y0, search_time(t0)], array[x1, y1, search_time(t1)]) end) stored,
    wkb      bytea,
    props    jsonb not null,
    words    tsvector not null,
    unique (part, id),
    check (t1 >= t0 and x1 >= x0 and y1 >= y0),
    check (num_nulls(x0, y0, x1, y1, wkb) in (0, 5))
);
create table {name}_doc (
    seq bigint primary key references {name} on delete cascade,
    doc text not null
);

create index {name}_id on {name} (id);
create index {name}_time on {name} (t0 desc, seq desc) include (t1);
create index {name}_part_time on {name} (part, t0 desc, seq desc) include (t1);
create index {name}_box on {name} using gist (box, part_key) where box is not null;
create index {name}_span on {name} using gist (tstzrange(t0, t1, '[]')) where t1 > t0;
create index {name}_no_box on {name} (t0 desc, seq desc) include (t1) where box is null;
create index {name}_no_time on {name} (seq desc) where not timed;
create index {name}_words on {name} using gin (words);
