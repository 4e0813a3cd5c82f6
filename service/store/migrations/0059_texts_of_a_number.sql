-- A text waits for what its own phone said and nobody has heard yet, not for every phone's. The
-- tokens say which number wrote, as `text_number.token` does; they go when the text was heard.
alter table inbound_text add column tokens bytea[] not null default '{}';
