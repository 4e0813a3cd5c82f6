"""Every route is in the authorization matrix: how it is called, and the records its path names."""

from tests.web.matrix import doors, records


def test_the_authorization_matrix_knows_how_to_call_every_route() -> None:
    assert doors.uncalled() == []


def test_the_authorization_matrix_can_make_every_record_a_path_names() -> None:
    assert records.missing_makers(doors.doors()) == []
