-- Whose part in a referral ends takes no further part in its conversations: a step on the referral
-- says so for threads in which who takes the step has no part.
do $fences$
declare
  opening constant text := $x$nullif(current_setting('app.opening', true), '')::uuid$x$;
  seen constant text := $x$exists (select 1 from thread_party p
    where p.org_id = nullif(current_setting('app.org', true), '')::uuid
      and p.thread_id = thread.id and p.ended_at is null offset 0)$x$;
begin
  execute 'drop policy thread_seen on thread';
  execute 'drop policy thread_edit on thread';
  execute format('create policy thread_seen on thread for select to lk_web
    using (%s or id = %s or referral_id = %s)', seen, opening, opening);
  execute format('create policy thread_edit on thread for update to lk_web
    using (%s or referral_id = %s)', seen, opening);
end
$fences$;
