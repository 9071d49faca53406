create table platform (
    id             text primary key,
    title          text not null,
    kind           text not null check (kind in ('ogc-api-processes', 'openeo')),
    url            text not null,
    max_jobs       int not null,
    settles_seconds double precision,
    offered        boolean not null default true,
    updated        timestamptz not null default now()
);

create table run (
    id             uuid primary key,
    experiment     text not null,
    title          text not null,
    platform       text not null references platform,
    process        text not null,
    owner          text not null,
    owner_name     text not null,
    parameters     jsonb not null,
    plan           jsonb not null,

    state          text not null check (state in ('planned', 'submitting', 'queued', 'running',
                   'collecting', 'comparing', 'done', 'failed', 'cancelled', 'lost')),
    verdict        text check (verdict in ('identical', 'content-identical', 'within-tolerance',
                   'different', 'not-comparable')),
    reason         text,
    progress       int,
    message        text,
    created        timestamptz not null default now(),
    updated        timestamptz not null default now(),
    ended          timestamptz,
    cancel_asked   timestamptz,

    -- The intent: written before the POST, so that nobody sends it a second time.
    posted         timestamptz,
    marked         boolean not null default false,
    job_id         text,
    job_url        text,

    lease_owner    text,
    lease_token    bigint not null default 0,
    lease_expires  timestamptz,
    wake           timestamptz not null default now(),
    tries          int not null default 0,
    trouble_since  timestamptz,

    check ((state in ('done', 'failed', 'cancelled', 'lost')) = (ended is not null)),
    check ((state = 'done') = (verdict is not null))
);
-- A job belongs to one run: what one run has found, another cannot take for its own.
create unique index run_job on run (platform, job_id) where job_id is not null;
create index run_due on run (wake) where ended is null;
create index run_newest on run (created desc, id desc);
create index run_experiment on run (experiment, created desc);
create index run_owner on run (owner, created desc);
create index run_active on run (platform, process) where ended is null;

create table run_event (
    run            uuid not null references run on delete cascade,
    number         int not null,
    kind           text not null check (kind in ('transition', 'progress')),
    state          text not null,
    at             timestamptz not null default now(),
    progress       int,
    message        text,
    primary key (run, number)
);
create unique index run_ends_once on run_event (run)
    where kind = 'transition' and state in ('done', 'failed', 'cancelled', 'lost');

create table run_output (
    run            uuid not null references run on delete cascade,
    name           text not null,
    media_type     text not null,
    size           bigint not null,
    multihash      text not null,
    primary key (run, name)
);

create table comparison (
    run            uuid not null references run on delete cascade,
    number         int not null,
    name           text not null,
    verdict        text not null,
    report         jsonb not null,
    picture        text,
    primary key (run, number)
);

create table reproduction (
    id             text primary key,
    run            uuid not null unique references run,
    experiment     text not null,
    verdict        text not null,
    document       text not null,
    digest         text not null,
    created        timestamptz not null default now()
);
create index reproduction_newest on reproduction (created desc, id desc);
create index reproduction_experiment on reproduction (experiment, created desc);
