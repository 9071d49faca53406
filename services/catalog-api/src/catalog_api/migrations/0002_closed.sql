-- Products that may be closed: few, and asked for again and again (the condition is that of shelves.py).
create index entity_closed on entity (id) where kind = 'product' and body like '%"earthcode:access"%';
