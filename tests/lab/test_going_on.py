"""A run that is cut anywhere and goes on from its file is the same, bit for bit, as one that was never cut.

On the same machine, with one BLAS thread. What was trained from batches is compared by its weights, and by every
figure that the screens show.
"""

import copy
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tinylm_tui.engine.feedback import Rating
from tinylm_tui.lab import store
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import Diverged, RunFileError
from tinylm_tui.lab.history import History
from tinylm_tui.lab.learners.recent import KEPT_EVERY
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import parse_pairs
from tinylm_tui.lab.tuning import Tuning

NAMES = "anna ben nina bea eve abe na ava vivian ian naev bibi enna vana aba eben nebi ivan bena vinea\n"
TEXT = NAMES.replace(" ", "\n") * 12  # a tenth of it is enough to be held out
SMALL = ["context=3", "width=4", "warmup=5"]
KINDS = {
    "bigram": ["learn_rate=5"],
    "bigram in batches": ["learn_rate=1", "batch=3"],
    "average by one": ["model=average", *SMALL],
    "average in batches": ["model=average", "batch=40", *SMALL],
    "mlp": ["model=mlp", "hidden=5", "batch=4", *SMALL],
    "mlp in large batches": ["model=mlp", "hidden=5", "batch=33", *SMALL],
    "gpt": ["model=gpt", "layers=1", "heads=2", "batch=3", "threads=one", *SMALL],
    "gpt with a tied head": ["model=gpt", "layers=2", "heads=1", "batch=2", "threads=one", "tie_head=yes", *SMALL],
}
TOKENS = [[], ["tokenizer=alphabet"], ["tokenizer=bpe", "vocabulary=12"], ["tokenizer=bpe", "split_words=no"]]
WILD = "1000000"  # a learn rate that makes every model explode


def run_of(pairs, text=TEXT, reading="auto"):
    chosen = parse_pairs(pairs)
    return Run(make_corpus("words", text, reading, cut_of(chosen)), chosen)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("going_on") / "run.safetensors"


def passed_through(run, path):
    store.save(run, path)
    return store.load(path)


# ---- what is done to a run, and all that can be seen of it


def train(run, steps):
    """How many steps were made: fewer where the run exploded."""
    for made in range(steps):
        try:
            run.train_step()
        except Diverged:
            return made
    return steps


def do(run, event):
    """Do it, and tell what came of it: of training, how many steps were made."""
    what, *rest = event
    if what == "train":
        return train(run, *rest)
    return run.teach(*rest) if what == "teach" else run.change(*rest)


def curves(run):
    shown = {name: history.curve() for name, history in run.history.items()}
    return {name: (c.steps.tolist(), c.low.tolist(), c.high.tolist()) for name, c in shown.items()}


def seen(run):
    """Weights and figures; `repr`, so that what is no number is equal to itself."""
    learner = run.learner
    figures = (run.step, run.loss(), run.start_loss, learner.held_out_loss(), learner.epoch, run.floor, run.turned)
    text = (run.corpus.text, learner.held.tolist(), run.settings)
    return run.params.flat.tobytes(), repr((figures, text, curves(run)))


TRAIN = st.tuples(st.just("train"), st.integers(1, 80))
CHANGE = st.sampled_from(
    [("learn_rate", "0.03"), ("learn_rate", "1"), ("learn_rate", WILD), ("batch", "1"), ("batch", "7"), ("batch", "50")]
)
EVENTS = st.one_of(
    TRAIN, TRAIN, CHANGE.map(lambda pair: ("change", *pair)),
    st.sampled_from(["eva", "zoe xenia\nü", "na na"]).map(lambda words: ("teach", words)),
)  # fmt: skip
COURSES = st.lists(EVENTS, min_size=2, max_size=6)


@st.composite
def lives(draw):
    """Settings beside the model's, a reading, what happens, and before which of it the run is cut."""
    course = draw(COURSES)
    cuts = draw(st.sets(st.integers(0, len(course) - 1), min_size=1, max_size=3))
    pairs = [f"held_out={draw(st.sampled_from(['0', '0.2', '0.5']))}", f"seed={draw(st.integers(0, 3))}"]
    return pairs + draw(st.sampled_from(TOKENS)), draw(st.sampled_from(["words", "lines", "text"])), course, cuts


# A gpt in its second pass over the text; then smaller batches, by which it is in the first one again.
FEWER = ([], "words", [("train", 16), ("change", "batch", "1"), ("train", 5), ("train", 5)], {3})
EXPLODED = (["held_out=0.2"], "words", [("train", 70), ("change", "learn_rate", WILD), ("train", 1), ("train", 9)], {3})


@pytest.mark.parametrize("kind", KINDS)
@given(life=lives())
@example(life=FEWER)
@example(life=EXPLODED)
@settings(max_examples=max(1, settings().max_examples // 5))
def test_a_run_cut_anywhere_goes_on_as_if_it_had_never_been_cut(kind, path, life):
    more, reading, course, cuts = life
    whole, cut = (run_of([*KINDS[kind], *more], reading=reading) for _ in range(2))
    for n, event in enumerate(course):
        if n in cuts:
            cut = passed_through(cut, path)
            assert seen(cut) == seen(whole)
        assert do(whole, event) == do(cut, event)
        assert seen(cut) == seen(whole)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before", [0, 1, 63, 64, 130])
def test_an_explosion_right_after_going_on_is_taken_back_to_the_same_weights(kind, before, path):
    whole = run_of([*KINDS[kind], "held_out=0.2"])
    train(whole, before)
    whole.change("learn_rate", WILD)
    whole.change("warmup", "0")
    whole.train_step()
    cut = passed_through(whole, path)
    said = []
    for run in (whole, cut):
        with pytest.raises(Diverged) as raised:
            [run.train_step() for _ in range(200)]
        said.append(str(raised.value))
    assert said[0] == said[1]
    assert seen(whole) == seen(cut)


def test_small_batches_that_explode_go_back_to_where_small_batches_began_and_not_further():
    run = run_of(KINDS["mlp in large batches"])
    train(run, 200)
    run.change("batch", "4")
    before = run.params.flat.tobytes()
    run.change("learn_rate", WILD)
    assert train(run, 60) < 60
    assert run.params.flat.tobytes() == before


BAD_MOMENTS = {
    "no step": {"step": None}, "a later one": {"step": 10**9}, "no epochs": {"epochs": None},
    "a loss that is none": {"recent": {"losses": ["x"], "running": 1.0}}, "no losses": {"recent": None},
    "losses without a mean": {"recent": {"losses": []}}, "a held-out loss that is none": {"held_loss": "x"},
}  # fmt: skip


@pytest.mark.parametrize("change", BAD_MOMENTS.values(), ids=BAD_MOMENTS)
def test_a_moment_to_go_back_to_that_none_can_be_is_not_kept(change, path):
    run = run_of(KINDS["average by one"])
    train(run, 70)
    state = run.learner.state()
    state["earlier"]["old"].update(change)
    run.learner.state = lambda: state
    with pytest.raises(RunFileError):
        store.save(run, path)


def changed_moments(run, path, **changes):
    """The run opened from its file, after both moments to go back to were changed, or all of it that is named."""
    state = run.learner.state()
    for name in ("old", "new"):
        state["earlier"][name].update({key: value for key, value in changes.items() if key != "updates"})
    state["earlier"].update({key: value for key, value in changes.items() if key == "updates"})
    run.learner.state = lambda: state
    return passed_through(run, path)


@pytest.mark.parametrize("changes", [{"step": 10**15}, {"step": 71}, {"updates": KEPT_EVERY}, {"updates": 10**9}])
def test_both_moments_after_the_run_or_more_updates_than_there_can_be_are_refused(changes, path):
    run = run_of(KINDS["average by one"])
    train(run, 70)
    with pytest.raises(RunFileError):
        changed_moments(run, path, **changes)


@pytest.mark.parametrize("changes", [{}, {"step": 70}, {"step": 0}, {"updates": KEPT_EVERY - 1}])
def test_moments_that_a_run_can_have_are_taken(changes, path):
    run = run_of(KINDS["average by one"])
    train(run, 70)
    assert changed_moments(run, path, **changes).step == 70


def test_a_moment_before_the_text_was_added_to_is_refused(path):
    run = run_of(KINDS["average by one"])
    train(run, 70)
    run.teach("eva")
    train(run, 5)
    assert passed_through(run, path).step == 75
    with pytest.raises(RunFileError):
        changed_moments(run, path, step=69)


def test_a_place_to_go_back_to_that_the_text_does_not_have_is_refused_when_the_file_is_opened(path):
    run = run_of(KINDS["average by one"])
    train(run, 70)
    state = run.learner.state()
    store.save(run, path)
    assert store.load(path).step == 70
    state["earlier"]["old"]["epochs"] = {"epoch": 0, "place": 10**6}
    run.learner.state = lambda: state
    store.save(run, path)
    with pytest.raises(RunFileError, match="memory"):
        store.load(path)


# ---- every part that a file keeps is needed

# Why some parts are kept although a fresh learner has the same: the settings or the seed give them.
GIVEN = {"batches.bit_generator", "batches.state.inc", "halved"}  # halved: not for threads=auto, which measures


def leaves(state, before=""):
    """What a learner's `state` consists of, as paths with dots; a list is one part."""
    for name, value in state.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{before}{name}.")
        else:
            yield before + name


def part_of(state, path):
    for name in path.split("."):
        state = state[name] if isinstance(state, dict) and name in state else None
    return state


def put(state, path, value):
    *way, last = path.split(".")
    for name in way:
        state = state[name]
    if value is None:
        del state[last]
    else:
        state[last] = value


def without(run, part, fresh):
    """A copy of the run whose learner has this part as a fresh one has it, or not at all."""
    arrays, state = run.learner.arrays(), json.loads(json.dumps(run.learner.state()))
    if part in arrays:
        arrays = {**arrays, part: fresh.arrays()[part]} if part in fresh.arrays() else without_key(arrays, part)
    else:
        put(state, part, part_of(fresh.state(), part))
    poorer = copy.copy(run)
    poorer.learner = copy.copy(run.learner)
    poorer.learner.arrays, poorer.learner.state = lambda: arrays, lambda: state
    return poorer


def without_key(arrays, name):
    return {key: array for key, array in arrays.items() if key != name}


def calm(kind):
    """A run taught and trained."""
    run = run_of([*KINDS[kind], "held_out=0.2"])
    train(run, 40)
    run.teach("zoe eva\nvanessa")
    train(run, 134)
    usual = str(run.settings.batch)
    run.change("batch", "3")  # also a bigram without batches has dice, for when it gets some
    train(run, 7)
    run.change("batch", usual)
    return run


def wild(kind):
    """The same, and its last update has made it explode, which the next look will find."""
    trial, run = calm(kind), calm(kind)
    for one in (trial, run):
        one.change("learn_rate", WILD)
    train(run, train(trial, 200))
    return run


CALM = ("train", 60)
EXPLODE = [("change", "learn_rate", WILD), ("train", 200)]
GOING_ON = [
    [], [CALM], [("train", 5), *EXPLODE], [CALM, *EXPLODE], [("change", "batch", "1"), CALM],
    [*EXPLODE, ("change", "learn_rate", "0.01"), CALM],
]  # fmt: skip


def after(path, events):
    run = store.load(path)
    return [seen(run), *((do(run, event), seen(run)) for event in events)]


def matters(run, poorer, path):
    """Whether anything that can be seen is different without the part, now or later."""
    whole, part = path.with_name("whole.safetensors"), path.with_name("part.safetensors")
    store.save(run, whole)
    try:
        store.save(poorer, part)
        return any(after(whole, events) != after(part, events) for events in GOING_ON)
    except RunFileError:  # without it there is no file, or none that opens
        return True


@pytest.mark.parametrize("kind", KINDS)
def test_no_part_of_what_a_learner_keeps_can_be_left_out(kind, path):
    moments = [calm(kind), wild(kind)]
    parts = [{*run.learner.arrays(), *leaves(run.learner.state())} for run in moments]
    fresh = [Run(run.corpus, run.settings).learner for run in moments]
    for run in moments:
        assert not matters(run, run, path)
        for part in GIVEN:
            assert part_of(run.learner.state(), part) == part_of(fresh[0].state(), part)
    needed = {
        part
        for part in set.union(*parts) - GIVEN
        if any(
            part in p and matters(r, without(r, part, f), path) for r, p, f in zip(moments, parts, fresh, strict=True)
        )
    }
    assert set.union(*parts) - GIVEN - needed == set()


def test_whether_two_cores_are_used_is_kept_where_it_was_measured(path):
    run = run_of([*KINDS["gpt"], "threads=auto"])
    for halved in (False, True, None):
        run.learner.cores.halved = halved
        assert passed_through(run, path).learner.cores.halved is halved


def bigram_with_long_curves():
    run = run_of([*KINDS["bigram in batches"], "held_out=0.2"])
    train(run, 1031)
    run.apply_feedback([Rating((0, 1, 0), 1)])
    return run


def forgetful(run, part):
    """A copy of the run that has forgotten something of its own."""
    one = copy.copy(run)
    if part in run.history:
        one.history = {**run.history, part: History()}
    elif part == "strides":
        one.history = {name: History.of(h.curve(), 1, min(1, len(h.curve()))) for name, h in run.history.items()}
    elif part == "tuning":
        one.tuning = Tuning()
    elif part == "rounds":
        one.tuning = copy.copy(run.tuning)
        one.tuning.rounds += 1  # fewer than can be undone would be refused
    else:
        setattr(one, part, {"step": 2000, "start_loss": 1.0}[part])
    return one


@pytest.mark.parametrize("part", ["step", "start_loss", "loss", "batch", "held_out", "strides", "tuning", "rounds"])
def test_no_part_of_what_a_run_keeps_can_be_left_out(part, path):
    run = bigram_with_long_curves()

    def later(run):
        run.apply_feedback([Rating((0, 2, 0), 1)])
        told = run.tuning.report.rounds, run.tuning.report.divergence
        train(run, 9)
        return told, seen(run)

    back, poorer = passed_through(run, path), passed_through(forgetful(run, part), path)
    expected = later(run)
    assert later(back) == expected
    assert later(poorer) != expected
