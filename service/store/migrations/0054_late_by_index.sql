-- What is late in the whole network is found by when, not by looking at every open referral.
create index timer_late on timer ((coalesce(late_at, final_at))) where state = 'armed';

-- So is what ran out, where nothing has followed.
create index timer_ran_out on timer (referral_id) where state = 'fired';
