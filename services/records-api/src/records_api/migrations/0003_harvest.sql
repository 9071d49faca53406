-- Harvesters (OAI-PMH) go through records in the order in which they changed.
create index record_harvest on record (updated, part, id);
