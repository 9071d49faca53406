-- Events to be told (outbox), events already handled (inbox), and answers to be repeated.

create table outbox (
    id         bigint generated always as identity primary key,
    event_id   uuid not null unique,
    subject    text not null,
    headers    jsonb not null,
    data       text not null,
    created    timestamptz not null default now(),
    -- Lets a feed stop before rows of transactions still in flight: ids are not in commit order.
    xact       xid8 not null default pg_current_xact_id(),
    sent       timestamptz
);
create index outbox_unsent on outbox (id) where sent is null;

create table inbox (
    consumer   text not null,
    event_id   uuid not null,
    handled    timestamptz not null default now(),
    primary key (consumer, event_id)
);
create index inbox_age on inbox (handled);

-- draft-ietf-httpapi-idempotency-key-header: the answer is kept in the transaction that did the work.
create table idempotency (
    principal  text not null,
    route      text not null,
    key        text not null,
    digest     text not null,
    status     int not null,
    headers    jsonb not null,
    body       bytea not null,
    created    timestamptz not null default now(),
    primary key (principal, route, key)
);
create index idempotency_age on idempotency (created);
