import pytest

from serving.access.names import check_name


@pytest.mark.parametrize("name", ["erp", "erp-paris.2", "alice@example.com", "7", "a" * 64])
def test_a_name_that_can_stand_in_a_record(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "Alice", "a b", "-x", "a" * 65, "é", "a\n", "a\x00"])
def test_another_is_refused_with_what_would_do(name: str) -> None:
    with pytest.raises(ValueError, match="use up to 64 of a-z"):
        check_name(name)
