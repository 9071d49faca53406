-- Titles of the real catalogue have up to 200 characters; what is compared ends a bit later, so
-- that a page token, which holds it, stays short. No index is on this function here.
create or replace function search_key(props jsonb, name text) returns jsonb
    language sql immutable strict parallel safe
    return case jsonb_typeof(props -> name)
        when 'string' then to_jsonb(left(props ->> name, 250))
        when 'number' then props -> name
        when 'boolean' then props -> name
    end;
