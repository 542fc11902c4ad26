"""What a curve's bend came from, where it was not training: the step is marked, kept, and gone when taken back."""

import pytest

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.lab import store
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.errors import LabError, TextError
from tinylm_tui.lab.marks import FEEDBACK, MOST, NUDGED, TAUGHT, Mark, marked
from tinylm_tui.lab.rescue import run_of
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import MODELS, parse_pairs
from tinylm_tui.lab.trainer import Trainer

from .conftest import TEXT

LIKED = [Rating((1, 2), 1)]


def trained(run, steps):
    for _ in range(steps):
        run.train_step()
    return run


def test_training_alone_marks_nothing(run):
    assert trained(run, 5).marks == ()


def test_text_feedback_and_nudges_are_marked_at_their_steps(run):
    trained(run, 3).teach("evita")
    trained(run, 2).apply_feedback(LIKED)
    run.nudge(1, 2, 0.5)
    assert trained(run, 1).marks == (Mark(3, TAUGHT), Mark(5, FEEDBACK), Mark(5, NUDGED))


@pytest.mark.parametrize("model", MODELS)
def test_every_model_marks_where_its_text_was_added_to(model):
    settings = parse_pairs([f"model={model}", "context=2", "width=8", "layers=1", "heads=1"])
    run = trained(Run(make_corpus("names", TEXT, "words"), settings), 2)
    run.teach("evita")
    assert trained(run, 1).marks == (Mark(2, TAUGHT),)


def test_many_nudges_at_one_step_are_one_mark(run):
    for _ in range(3):
        run.nudge(1, 2, 0.5)
    assert run.marks == (Mark(0, NUDGED),)


def test_a_round_of_feedback_that_is_taken_back_takes_its_mark_with_it(run):
    trained(run, 4).nudge(1, 2, 0.5)
    run.apply_feedback(LIKED)
    run.apply_feedback(LIKED)
    run.undo_feedback()
    assert run.marks == (Mark(4, NUDGED), Mark(4, FEEDBACK))
    run.undo_feedback()
    assert run.marks == (Mark(4, NUDGED),)
    with pytest.raises(LabError):
        run.undo_feedback()
    assert run.marks == (Mark(4, NUDGED),)


def test_what_is_refused_is_not_marked(run):
    with pytest.raises(TextError):
        run.teach(" ")
    with pytest.raises(LabError):
        run.nudge(1, 2, float("nan"))
    with pytest.raises(LabError):
        run.apply_feedback([])
    assert run.marks == ()


def test_starting_over_forgets_the_marks(run):
    trained(run, 2).teach("evita")
    run.restart()
    assert run.marks == ()


def test_the_newest_marks_are_kept():
    marks = ()
    for step in range(MOST + 7):
        marks = marked(marks, step, TAUGHT)
    assert marks == tuple(Mark(step, TAUGHT) for step in range(7, MOST + 7))


def test_marks_are_saved_and_come_back_and_a_rescued_run_has_them(run, tmp_path):
    trained(run, 3).teach("evita")
    run.apply_feedback(LIKED)
    store.save(run, tmp_path / "run.safetensors")
    wanted = (Mark(3, TAUGHT), Mark(3, FEEDBACK))
    assert store.load(tmp_path / "run.safetensors").marks == wanted
    assert run_of(Trainer(run).snapshot()).marks == wanted
