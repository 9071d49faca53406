-- An index for each property that Items can be sorted by (domain/queryables.py): of those that have it.
create index item_by_title on item (search_key(props, 'title'))
    where search_key(props, 'title') is not null;
create index item_by_license on item (search_key(props, 'license'))
    where search_key(props, 'license') is not null;
create index item_by_created on item (search_key(props, 'created'))
    where search_key(props, 'created') is not null;
create index item_by_updated on item (search_key(props, 'updated'))
    where search_key(props, 'updated') is not null;
create index item_by_osc_project on item (search_key(props, 'osc:project'))
    where search_key(props, 'osc:project') is not null;
create index item_by_osc_status on item (search_key(props, 'osc:status'))
    where search_key(props, 'osc:status') is not null;
create index item_by_osc_region on item (search_key(props, 'osc:region'))
    where search_key(props, 'osc:region') is not null;
create index item_by_osc_type on item (search_key(props, 'osc:type'))
    where search_key(props, 'osc:type') is not null;
create index item_by_platform on item (search_key(props, 'platform'))
    where search_key(props, 'platform') is not null;
create index item_by_constellation on item (search_key(props, 'constellation'))
    where search_key(props, 'constellation') is not null;
create index item_by_mission on item (search_key(props, 'mission'))
    where search_key(props, 'mission') is not null;
create index item_by_gsd on item (search_key(props, 'gsd'))
    where search_key(props, 'gsd') is not null;
create index item_by_eo_cloud_cover on item (search_key(props, 'eo:cloud_cover'))
    where search_key(props, 'eo:cloud_cover') is not null;
create index item_by_end on item ((case when timed then t1 end))
    where case when timed then t1 end is not null;
