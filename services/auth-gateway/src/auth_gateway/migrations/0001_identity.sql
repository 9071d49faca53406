-- Who may do what, who is logged in, logins on their way, and what was decided.

-- Roles beyond those that an issuer's claims give. Keyed by (issuer, sub), never by e-mail.
create table role_grant (
    issuer     text not null,
    sub        text not null,
    roles      text[] not null default '{}',
    platform   text,
    granted_by text not null,
    granted    timestamptz not null default now(),
    primary key (issuer, sub)
);

-- The cookie holds a random id; here is only its SHA-256.
create table session (
    id         bytea primary key check (octet_length(id) = 32),
    issuer     text not null,
    sub        text not null,
    name       text not null,
    roles      text[] not null,
    platform   text,
    id_token   text,
    created    timestamptz not null default now(),
    seen       timestamptz not null default now(),
    expires    timestamptz not null
);
create index session_expires on session (expires);

-- A login between our redirect and the issuer's answer, bound to one browser and used once.
create table login (
    state      bytea primary key check (octet_length(state) = 32),
    browser    bytea not null check (octet_length(browser) = 32),
    issuer     text not null,
    nonce      text not null,
    verifier   text not null,
    next       text not null,
    expires    timestamptz not null
);
create index login_expires on login (expires);

create table audit (
    id         bigint generated always as identity primary key,
    ts         timestamptz not null,
    request    text not null,
    event      text not null check (event in ('login', 'logout', 'deny', 'allow')),
    sub        text not null,
    client     text not null,
    address    text not null,
    method     text not null,
    path       text not null,
    rule       text not null,
    decision   text not null,
    status     int not null
);
create index audit_ts on audit (ts);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only';
end
$$;
create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function audit_is_append_only();
