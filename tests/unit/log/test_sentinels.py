"""What is made of the words of several Sentinels."""

from itertools import permutations

from server.log.sentinels import View, _newest

OLD, NEW, THIRD = ("10.0.0.1", 6379), ("10.0.0.2", 6379), ("10.0.0.3", 6379)


def test_the_newest_decision_counts_also_while_its_leader_still_names_the_old_primary() -> None:
    behind = View(OLD, 1, True, frozenset({NEW, THIRD}))
    leads = View(OLD, 2, True, frozenset({NEW, THIRD}))
    follows = View(NEW, 2, False, frozenset({OLD, THIRD}))
    for views in permutations([behind, leads, follows]):
        assert _newest(list(views)) == follows


def test_what_one_of_them_forgot_another_knows() -> None:
    views = [View(OLD, 1, True, frozenset({NEW})), View(OLD, 1, False, frozenset({THIRD}))]
    assert _newest(views) == View(OLD, 1, False, frozenset({NEW, THIRD}))
