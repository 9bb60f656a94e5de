"""Progress is shown beside what is printed, and hides nothing of what it watches."""

from features.progress import bars, watched


def test_what_is_watched_comes_as_it_is_and_shows_nothing_off_a_terminal(capfd):
    assert list(watched(iter("abc"), "counting", 3)) == ["a", "b", "c"]
    with bars() as progress:
        progress.advance(progress.add_task("counting", total=1))
    assert capfd.readouterr() == ("", "")
