-- Who numbers events weighs what a recipient says against what its patient has said before.
create policy claim_number on claim for select to lk_worker
  using (current_setting('app.numbering', true) = 'on');
