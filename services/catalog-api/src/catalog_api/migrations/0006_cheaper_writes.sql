-- The same values at a part of the cost: bodies that PostgreSQL puts in the place of the call (they are
-- not strict, and nothing in them is stable). Rows and indexes that are there stay valid.
create or replace function search_time(timestamptz) returns float8
    language sql immutable parallel safe
    return case when $1 is not null then date_part('epoch',
        greatest(least($1, timestamptz '2200-01-01 00:00:00+00'), timestamptz '1800-01-01 00:00:00+00')
        at time zone 'UTC') / 1048576 end;

create or replace function search_key(props jsonb, name text) returns jsonb
    language sql immutable parallel safe
    return case jsonb_typeof(props -> name)
        when 'string' then case when length(props ->> name) > 120
            then jsonb_object(array['', left(props ->> name, 120)]) -> '' else props -> name end
        when 'number' then props -> name
        when 'boolean' then props -> name
    end;

-- The documents of deleted Items go at once, not one by one; and none is looked up for each that comes:
-- only the statements of the store write here, the Item and its document in one transaction.
alter table item_doc drop constraint item_doc_seq_fkey;
create function forget_item_docs() returns trigger language plpgsql as $$
begin
    delete from item_doc using gone where item_doc.seq = gone.seq;
    return null;
end $$;
create trigger item_docs_too after delete on item
    referencing old table as gone for each statement execute function forget_item_docs();

-- Documents are only looked up by seq: a tenth of the usual sample tells how many there are.
alter table item_doc alter column seq set statistics 10, alter column doc set statistics 0;
