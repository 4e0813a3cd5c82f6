-- Who destroys a document's words has to know which files it took along.
create policy document_keys on document for select to lk_keys using (true);
grant select (id, content_id) on document to lk_keys;
