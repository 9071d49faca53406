-- What records are filed under, so that searches can count values without reading properties.

create table term (
    id     int generated always as identity primary key,
    facet  text not null,
    value  text not null,
    unique (facet, value)
);

create table record_terms (
    seq    bigint primary key references record on delete cascade,
    terms  int[] not null
);

-- Counts are kept in memory while the records of a part are the same.
create table part_state (
    part     text primary key,
    version  bigint not null
);
create function part_changed() returns trigger language plpgsql as $$
begin
    insert into part_state (part, version)
    select part, 1 from changed group by part
    on conflict (part) do update set version = part_state.version + 1;
    return null;
end $$;
create trigger record_inserted after insert on record
    referencing new table as changed for each statement execute function part_changed();
create trigger record_updated after update on record
    referencing new table as changed for each statement execute function part_changed();
create trigger record_deleted after delete on record
    referencing old table as changed for each statement execute function part_changed();
