"""Real data that is not there is told by name."""

from pathlib import Path

from tests.channels_app.importers.places import NOT_HERE, cases


def test_missing_data_is_a_case_skipped_by_name() -> None:
    (case,) = cases([], missing="real dumps")

    assert case.id == "real dumps"
    (mark,) = case.marks
    assert getattr(mark, "name", None) == "skip"
    assert getattr(mark, "kwargs", None) == {"reason": f"real dumps: {NOT_HERE}"}


def test_each_file_is_a_case_of_its_own_name() -> None:
    paths = [Path("/data/one/posts.csv.gz"), Path("/data/two/posts.csv.gz")]

    assert [case.id for case in cases(paths, missing="real tables")] == ["one-posts", "two-posts"]
