-- The projection of the ledger (entity, edge, entry) and the Items, which are kept here alone.

-- include: earthcode_common/ogc/store.sql name=entry
-- include: earthcode_common/ogc/store.sql name=item

create table entity (
    kind       text not null,
    id         text not null,
    version    bigint not null,
    digest     text not null,
    owner      text not null,
    title      text not null,
    body       text,                   -- the document without its links; null where it is not served
    links      text not null,          -- its own links, that is those nobody can derive: a JSON array
    projected  timestamptz not null default now(),
    primary key (kind, id)
);

-- What a document refers to. The target need not be there (yet): a link is made once it is.
create table edge (
    kind       text not null,
    id         text not null,
    to_kind    text not null,
    to_id      text not null,
    primary key (kind, id, to_kind, to_id),
    foreign key (kind, id) references entity on delete cascade
);
create index edge_back on edge (to_kind, to_id);
