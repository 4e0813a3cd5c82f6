"""The only room that speaks to PostgreSQL: pool, migrations, queries, one file per aggregate."""
