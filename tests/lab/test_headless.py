import pytest

from tinylm_tui.lab.errors import Diverged, TextError
from tinylm_tui.lab.headless import find_corpus, train
from tinylm_tui.lab.settings import Settings

from .conftest import new_run


def test_training_reports_on_the_way_and_ends_with_how_it_ended(run):
    *progress, last = train(run, 40)
    assert [record["step"] for record in progress] == list(range(4, 41, 4))
    assert last["event"] == "done"
    assert last["steps"] == run.step == 40
    assert last["loss"] == progress[-1]["loss"] == run.loss()


def test_the_closing_record_tells_the_two_lines_to_compare_with(run):
    last = list(train(run, 1))[-1]
    assert (last["floor"], last["uniform"]) == (run.corpus.floor, run.corpus.uniform)
    assert (last["weights"], last["vocabulary"]) == (run.corpus.size**2, run.corpus.size)
    assert last["held_out"] is None


def test_no_steps_are_told_too(run):
    (only,) = train(run, 0)
    assert only["steps"] == 0
    assert only["loss"] == pytest.approx(run.corpus.uniform, rel=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 3, 9, 11, 25, 101])
def test_the_last_step_is_always_reported(run, steps):
    assert list(train(run, steps))[-2]["step"] == steps


def test_training_does_not_depend_on_how_often_it_reports(run):
    other = new_run()
    list(train(run, 20))
    for _ in range(20):
        other.train_step()
    assert run.params.flat.tobytes() == other.params.flat.tobytes()


def test_training_that_explodes_says_so():
    with pytest.raises(Diverged, match="try"):
        list(train(new_run(learn_rate=1e6), 10))


def test_a_starter_text_comes_with_its_own_reading_unless_told():
    assert find_corpus("sentences", Settings()).reading == "lines"
    assert find_corpus("sentences", Settings(reading="text")).reading == "text"


def test_anything_else_is_a_file(tmp_path):
    file = tmp_path / "mine.txt"
    file.write_text("anna ben\n")
    corpus = find_corpus(str(file), Settings())
    assert (corpus.name, corpus.reading, corpus.words) == ("mine.txt", "text", 2)


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(TextError, match=r"no file nowhere\.txt"):
        find_corpus("nowhere.txt", Settings())
