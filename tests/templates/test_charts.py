"""Numbers in, coordinates out; and nothing is drawn that is not there."""

import pytest

from templates import charts


def test_parts_of_a_whole_fill_the_box_and_nothing_is_drawn_for_none() -> None:
    laid = charts.stack({"yes": 1, "no": 0, "unknown": 3})
    assert laid == [
        {"code": "yes", "x": 0.0, "width": 150.0},
        {"code": "unknown", "x": 150.0, "width": 450.0},
    ]
    assert charts.stack({"yes": 0}) == []


def test_the_largest_bar_fills_the_box_and_no_numbers_make_no_bar() -> None:
    assert charts.bars([4, 1, 0]) == [600.0, 150.0, 0.0]
    assert charts.bars([0, 0]) == [0.0, 0.0]
    assert charts.bars([]) == []


def test_a_line_has_a_gap_where_nothing_is_known() -> None:
    drawn = charts.lines({"answered": [1.0, 2.0, None, 4.0]})
    [line] = drawn["series"]
    assert len(line["dots"]) == 3
    assert [piece.count(",") for piece in line["pieces"]] == [2]
    assert [tick["label"] for tick in drawn["ticks"]] == ["0", "1", "2", "3", "4"]
    assert all(0 <= y <= charts.HEIGHT for _, y in line["dots"])


@pytest.mark.parametrize(("most", "top"), [(0.2, "4"), (4.0, "4"), (4.1, "8"), (401, "800")])
def test_an_axis_ends_on_a_number_that_reads_well(most: float, top: str) -> None:
    assert charts.lines({"a": [most]})["ticks"][-1]["label"] == top
