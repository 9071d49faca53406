-- The projection of the ledger: records, and what their links and derived members are made from.

-- include: earthcode_common/ogc/store.sql name=record

create table entity (
    kind       text not null,
    id         text not null,
    version    bigint not null,
    digest     text not null,
    title      text not null,
    body       text,                   -- a record's document without its links; else null
    links      text not null,          -- its own links, that is those nobody can derive: a JSON array
    extent     jsonb,                  -- of products and projects: {"bbox": [...], "interval": [...]}
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
