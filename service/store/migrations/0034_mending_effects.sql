-- Whoever administers the network sees effects that are stuck, and may try one again or give it up:
-- kinds, codes and ids, as everywhere in the outbox. What was carried is out of their sight.
do $fences$
declare
  network constant text := $x$current_setting('app.network', true) = 'on'$x$;
  stuck constant text := $x$state in ('pending', 'parked', 'dead')$x$;
  -- A row that is given up must still be seen by the statement that gives it up.
  seen constant text := $x$state in ('pending', 'parked', 'dead', 'cancelled')$x$;
  of_stuck constant text := $x$effect_id is not null
    and exists (select from outbox o where o.id = effect_id)$x$;
begin
  execute format('create policy outbox_mend_see on outbox for select to lk_web using (%s and %s)',
    network, seen);
  execute format('create policy outbox_mend on outbox for update to lk_web
    using (%s and %s) with check (%s)', network, stuck, network);
  execute format('create policy delivery_mend_see on delivery for select to lk_web
    using (%s and %s)', network, of_stuck);
  execute format('create policy delivery_mend on delivery for update to lk_web
    using (%s and %s) with check (%s)', network, of_stuck, network);
  execute format('create policy human_task_mend_see on human_task for select to lk_web
    using (%s and effect_id is not null)', network);
  execute format('create policy human_task_mend on human_task for update to lk_web
    using (%s and effect_id is not null) with check (%s)', network, network);
end
$fences$;
create index outbox_dead on outbox (created_at, id) where state = 'dead';
create index human_task_effect on human_task (effect_id) where effect_id is not null;
