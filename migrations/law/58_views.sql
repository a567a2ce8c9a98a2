-- Lists that an operator has put together and named.

create function muni.save_view(place int, name text, filter jsonb, sort text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    if save_view.place not between 1 and 9 or length(btrim(save_view.name)) not between 1 and 40
        or save_view.place is null or save_view.name is null
        or jsonb_typeof(save_view.filter) is distinct from 'object' or pg_column_size(save_view.filter) > 8192
        or length(save_view.sort) not between 1 and 20 or save_view.sort is null
    then
        raise exception 'a view has a key from 1 to 9 and a name of 1 to 40 characters' using errcode = '22023';
    end if;
    delete from muni.saved_views as v
    where v.owner = me.username and v.name = btrim(save_view.name) and v.place <> save_view.place;
    insert into muni.saved_views (owner, place, name, filter, sort)
    values (me.username, save_view.place, btrim(save_view.name), save_view.filter, save_view.sort)
    on conflict on constraint saved_views_pkey do update
    set name = excluded.name, filter = excluded.filter, sort = excluded.sort;
end
$$;
comment on function muni.save_view(int, text, jsonb, text) is
'Keeps one''s own list under a key from 1 to 9 and a name, in place of what was there.';

create function muni.delete_view(place int) returns bool
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    me muni.operators := muni._actor();
begin
    delete from muni.saved_views as v where v.owner = me.username and v.place = delete_view.place;
    return found;
end
$$;
comment on function muni.delete_view(int) is 'Removes one''s own list; whether there was one.';
