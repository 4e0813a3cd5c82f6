-- Whoever gives up a stuck digest, or tries it again, sees and moves what waits in it as well.
do $fences$
declare
  network constant text := $x$current_setting('app.network', true) = 'on'$x$;
  stuck constant text := $x$(state in ('pending', 'parked', 'dead')
    or state = 'gathered' and digest_id is not null)$x$;
  seen constant text := $x$(state in ('pending', 'parked', 'dead', 'cancelled')
    or state = 'gathered' and digest_id is not null)$x$;
begin
  execute format('alter policy outbox_mend_see on outbox using (%s and %s)', network, seen);
  execute format('alter policy outbox_mend on outbox using (%s and %s)', network, stuck);
end
$fences$;
