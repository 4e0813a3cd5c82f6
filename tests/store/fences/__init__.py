"""Row-level security, said a second time in Python and held against PostgreSQL row by row.

``law``     who sees and writes which row of which table, in the ``words`` it is written in
``town``    rows for every table, made from the catalog, and those ``told`` one by one
``probes``  what PostgreSQL says, for each role, scope and command

A table that `law` does not know fails the test with what to write.
"""
