import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinylm_tui.engine import progress
from tinylm_tui.engine.progress import Ended, Work, part

FEW = st.integers(0, 40)


@given(FEW, FEW, st.integers(1, 9))
def test_blocks_are_all_places_in_order_and_none_is_larger_than_it_may_be(n, foreseen, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "BLOCK", block)
        slices = list(Work(places=foreseen).blocks(n))
    assert [place for here in slices for place in range(n)[here]] == list(range(n))
    assert all(0 < here.stop - here.start <= block for here in slices)


@given(st.lists(FEW), FEW, FEW)
def test_what_is_done_never_shrinks_nor_passes_what_was_foreseen(sizes, steps, foreseen):
    heard = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "BLOCK", 5)
        patch.setattr(progress, "_SILENT", 0)
        work = Work(lambda *far: not heard.append(far), steps, foreseen)
        for size in sizes:
            for _ in work.blocks(size):
                pass
    assert len(heard) == sum(-(-size // 5) for size in sizes)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert all(done <= of - steps == foreseen // 5 for done, of in heard)
    assert not heard or heard[-1][0] == min(sum(sizes), foreseen) // 5


def test_small_blocks_are_told_of_now_and_then_and_each_costs_something():
    heard = []
    work = Work(lambda *far: not heard.append(far))
    for _ in range(1000):
        work.went(1)
    assert 0 < len(heard) < 100


def test_who_listens_ends_the_work_after_the_block_that_was_told(monkeypatch):
    seen = []
    monkeypatch.setattr(progress, "BLOCK", 5)
    monkeypatch.setattr(progress, "_SILENT", 0)
    blocks = Work(lambda done, of: done < 2, places=100).blocks(100)
    with pytest.raises(Ended):
        seen.extend(here.stop for here in blocks)
    assert seen == [5, 10]


def test_parts_of_a_work_are_told_as_shares_of_the_whole():
    heard = []
    for begins, ends in ((0.0, 0.5), (0.5, 1.0)):
        tell = part(lambda *far: not heard.append(far), begins, ends)
        assert all(tell(done, 4) for done in range(5))
    assert heard == [(k, 1000) for k in (0, 125, 250, 375, 500, 500, 625, 750, 875, 1000)]
    assert not part(lambda done, of: False, 0.0, 1.0)(0, 0)
