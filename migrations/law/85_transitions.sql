-- The legal moves of a ticket, and who may make them.

delete from muni.status_transitions;
insert into muni.status_transitions (from_status, to_status, roles)
select m.from_status, m.to_status, array['operator', 'manager', 'admin', 'saps_liaison']
from (
    values
    ('open', 'in_progress'), ('open', 'on_hold'), ('open', 'escalated'), ('open', 'resolved'),
    ('in_progress', 'open'), ('in_progress', 'on_hold'), ('in_progress', 'escalated'), ('in_progress', 'resolved'),
    ('on_hold', 'in_progress'), ('on_hold', 'escalated'), ('on_hold', 'resolved'),
    ('escalated', 'in_progress'), ('escalated', 'on_hold'), ('escalated', 'resolved'),
    ('resolved', 'in_progress')
) as m (from_status, to_status)
union all
select m.from_status, m.to_status, array['manager', 'admin', 'saps_liaison']
from (values ('resolved', 'closed'), ('closed', 'in_progress')) as m (from_status, to_status);
