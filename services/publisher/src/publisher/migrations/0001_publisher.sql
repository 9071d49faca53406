-- Submissions and their review; the ledger of all that was ever published.

create table submission (
    id              uuid primary key,
    title           text not null,
    state           text not null,
    owner_sub       text not null,
    owner_name      text not null,
    owner_platform  text,
    revision        int not null default 1,   -- number of the current revision
    etag            bigint not null default 1,
    created         timestamptz not null default now(),
    changed         timestamptz not null default now(),
    submitted_by    text,
    approved        text,                      -- digest of the revision that was approved
    recorded        timestamptz,               -- when its members entered the ledger
    -- The worker that has it in hand, and until when; another may take over afterwards.
    lease           uuid,
    leased_until    timestamptz,
    tries           int not null default 0
);
create index submission_owner on submission (owner_sub, id);
create index submission_platform on submission (owner_platform, id) where owner_platform is not null;
create index submission_state on submission (state, id);
create index submission_work on submission (changed)
    where state in ('checking', 'approved', 'publishing');

-- A revision is replaced while it is a draft, and kept for ever once it was submitted.
create table revision (
    submission  uuid not null references submission on delete cascade,
    number      int not null,
    digest      text not null,
    created     timestamptz not null default now(),
    frozen      timestamptz,
    checked     timestamptz,
    findings    jsonb not null default '[]',
    primary key (submission, number)
);

create table member (
    submission   uuid not null,
    revision     int not null,
    position     int not null,
    kind         text not null,
    id           text not null,
    title        text not null,
    document     text not null,               -- exactly as submitted
    digest       text not null,
    attachments  jsonb not null default '[]', -- [{name, media_type, size, digest}]
    base         int not null default 0,      -- version that was current when it was checked
    version      int,                         -- version that it became
    primary key (submission, revision, position),
    unique (submission, revision, kind, id),
    foreign key (submission, revision) references revision on delete cascade
);
create index member_entity on member (kind, id);

create table attachment (
    digest   text primary key,                -- multihash
    content  bytea not null,
    used     timestamptz not null default now()
);
alter table attachment alter column content set storage external;

create table transition (
    number      bigint generated always as identity primary key,
    submission  uuid not null references submission on delete cascade,
    action      text not null,
    origin      text not null,
    state       text not null,
    actor       text not null,
    actor_name  text not null,
    revision    text not null,                -- digest of the revision it was about
    comment     text,
    at          timestamptz not null default clock_timestamp()
);
create index transition_submission on transition (submission, number);

create table comment (
    number      bigint generated always as identity primary key,
    submission  uuid not null references submission on delete cascade,
    actor       text not null,
    actor_name  text not null,
    revision    text not null,
    kind        text,
    id          text,
    pointer     text,
    text        text not null,
    at          timestamptz not null default clock_timestamp()
);
create index comment_submission on comment (submission, number);

-- The ledger. Writers take its lock (store/ledger.py), so sequences are in commit order.
create table entity_version (
    kind         text not null,
    id           text not null,
    version      int not null,
    sequence     bigint generated always as identity unique,
    title        text not null,
    document     text not null,
    digest       text not null,
    attachments  jsonb not null default '[]',
    owner        text not null,
    submission   uuid references submission,
    source       text,                        -- where a legacy import came from
    findings     jsonb not null default '[]',
    published    timestamptz not null default now(),
    primary key (kind, id, version)
);

create table entity (
    kind       text not null,
    id         text not null,
    current    int not null,
    sequence   bigint not null,
    confirmed  int not null default 0,        -- version that its projection serves
    told       timestamptz not null default now(),
    tells      int not null default 1,
    primary key (kind, id),
    foreign key (kind, id, current) references entity_version (kind, id, version)
);
create index entity_sequence on entity (sequence);
create index entity_waiting on entity (told) where confirmed < current;

-- References of the current versions, as their fields say.
create table edge (
    kind         text not null,
    id           text not null,
    rel          text not null,
    pointer      text not null,
    target_kind  text not null,
    target_id    text not null,
    primary key (kind, id, pointer),
    foreign key (kind, id) references entity
);
create index edge_target on edge (target_kind, target_id);

create function forbid_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger entity_version_append_only before update or delete on entity_version
    for each row execute function forbid_change();
create trigger transition_append_only before update on transition
    for each row execute function forbid_change();
