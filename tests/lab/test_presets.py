import contextlib
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given, reject
from hypothesis import strategies as st

from tinylm_tui.engine.examples import Examples
from tinylm_tui.engine.window_floors import ordered_floor, unordered_floor
from tinylm_tui.lab import commands as c
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import cut_of
from tinylm_tui.lab.errors import Diverged, LabError, RunFileError, SettingError, TextError
from tinylm_tui.lab.ladder import Ladder
from tinylm_tui.lab.learners.streams import Streams
from tinylm_tui.lab.presets import READY, find_preset, keep_preset, kept_presets, parse_preset, preset_line
from tinylm_tui.lab.recipes import LONGEST, SCREENS, escaped, fresh_run, unescaped
from tinylm_tui.lab.run import suited
from tinylm_tui.lab.scoring import Part
from tinylm_tui.lab.settings import MODELS, SETTINGS, Settings, setting
from tinylm_tui.lab.starters import starter
from tinylm_tui.ui.keys import TABS

CAT = "the cat sat on the mat"
LINE = (
    "corpus=sentences model=average tokenizer=alphabet context=5 width=32 learn_rate=0.05 batch=1 screen=ladder "
    "steps=2000 prompt='t on ' mlp.hidden=32"
)


def test_a_line_tells_of_a_text_settings_and_what_to_do():
    recipe = parse_preset(LINE)
    assert (recipe.name, recipe.text, recipe.reading) == ("sentences", starter("sentences").text(), "lines")
    assert (recipe.screen, recipe.steps, recipe.prompt) == ("ladder", 2000, "t on ")
    assert dict(recipe.pairs)["tokenizer"] == "alphabet"
    assert "mlp.hidden" not in dict(recipe.pairs)


def test_on_the_ladder_the_settings_of_the_run_are_those_of_its_own_model():
    recipe = parse_preset(LINE)
    assert set(recipe.overrides) == {
        "average.context=5", "average.width=32", "average.learn_rate=0.05", "average.batch=1", "mlp.hidden=32"
    }  # fmt: skip
    ladder = Ladder(fresh_run(recipe.name, recipe.text, recipe.reading, recipe.pairs).corpus, Settings(), 1, "",
                    recipe.overrides)  # fmt: skip
    settings = {rung.name: rung.settings for rung in ladder.report().rungs}
    assert (settings["average"].learn_rate, settings["mlp"].learn_rate) == (0.05, MODELS["mlp"]["learn_rate"])


def test_a_text_of_ones_own_stands_in_quotes():
    recipe = parse_preset(r"text='anna\nben said \\n' model=mlp")
    assert recipe.text == "anna\nben said \\n"
    assert recipe.name == "anna ben said \\n"


def test_a_file_is_read(tmp_path):
    file = tmp_path / "my text.txt"
    file.write_text("anna ben\n", encoding="utf-8")
    recipe = parse_preset(f"corpus='{file}'")
    assert (recipe.name, recipe.text, recipe.reading) == ("my text.txt", "anna ben\n", "auto")


BAD = {
    "no text": "model=mlp",
    "two texts": "corpus=names text=anna",
    "no file": "corpus=nowhere.txt",
    "a word alone": "corpus=names gpt",
    "told twice": "corpus=names context=3 context=4",
    "an open quote": "text='the cat",
    "no setting": "corpus=names speed=3",
    "no model": "corpus=names model=lstm",
    "no model on the ladder": "corpus=names lstm.context=3",
    "a setting of another model": "corpus=names average.layers=3",
    "a value that is none": "corpus=names learn_rate=fast",
    "no screen": "corpus=names screen=sofa",
    "no steps": "corpus=names steps=0",
    "half a step": "corpus=names steps=1.5",
    "nothing": "",
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_a_line_that_cannot_be_is_refused_in_a_sentence(line):
    with pytest.raises(LabError, match=r"^[^\n]{15,}$"):
        parse_preset(line)


@given(st.text(max_size=60))
@example("text='\\U00110000'")
@example("corpus=\0")
@example("=")
@example("text= =")
def test_whatever_is_typed_as_a_line_is_taken_or_refused(line):
    assume("corpus" not in line or "\0" in line)
    try:
        recipe = parse_preset(line)
    except LabError:
        return
    assert isinstance(recipe.text, str)


def test_the_screens_of_a_line_are_those_of_the_lab():
    assert set(SCREENS) >= {tab.id for tab in TABS}


# ---- and back


def a_value(name):
    low, high = re.search(r"from ([\d.]+) to ([\d.]+)", _refusal(name).replace(",", "")).groups()
    if "whole" in _kind(name):
        return st.integers(int(low), min(int(high), 64)).map(str)
    return st.floats(float(low), min(float(high), 100.0)).map(repr)


def _refusal(name):
    with pytest.raises(SettingError) as error:
        setting(name).parse("no number")
    return str(error.value)


def _kind(name):
    return "whole" if isinstance(getattr(Settings(), name), int) else "number"


NUMBERS = [row.name for row in SETTINGS if not isinstance(getattr(Settings(), row.name), bool | str)]


@st.composite
def some_settings(draw):
    """Settings as a person may have made them, among those that mean something to the model."""
    settings = Settings().changed("model", draw(st.sampled_from(sorted(MODELS))))
    choices = {"tokenizer": st.sampled_from(["characters", "alphabet"]), "start": st.sampled_from(["zero", "random"]),
               "tie_head": st.sampled_from(["yes", "no"]), "threads": st.sampled_from(["auto", "one"]),
               **{name: a_value(name) for name in NUMBERS}}  # fmt: skip
    for name in draw(st.lists(st.sampled_from(sorted(choices)), unique=True, max_size=6)):
        if settings.model in setting(name).models and name not in ("vocabulary",):
            settings = settings.changed(name, draw(choices[name]))
    return settings


OWN = st.text(min_size=1, max_size=40).filter(str.strip)


@given(settings=some_settings(), text=st.one_of(OWN, st.just(starter("places").text())), prompt=st.text(max_size=8))
def test_the_line_of_a_run_brings_it_back(settings, text, prompt):
    name = "places" if text == starter("places").text() else "own"
    try:
        corpus = make_corpus(name, text, "words" if name == "places" else "auto", cut_of(settings))
    except TextError:
        reject()
    line = preset_line(settings, corpus, "train", 7, prompt)
    assert "\n" not in line
    recipe = parse_preset(line)
    assert (recipe.text, recipe.prompt, recipe.screen, recipe.steps) == (text, prompt, "train", 7)
    back = Settings()
    for pair in sorted(recipe.pairs, key=lambda pair: pair[0] != "model"):
        back = back.changed(*pair)
    back = back if "learn_rate" in dict(recipe.pairs) else suited(back, corpus)
    assert back == replace(settings, reading=back.reading)
    again = make_corpus(recipe.name, recipe.text, recipe.reading, cut_of(back))
    assert (again.reading, again.ids.tolist()) == (corpus.reading, corpus.ids.tolist())


def test_a_line_names_only_what_is_not_as_usual():
    for model in MODELS:
        run = fresh_run("names", starter("names").text(), "words", [("model", model)])
        usual = "corpus=names" if model == "bigram" else f"corpus=names model={model}"
        assert preset_line(run.settings, run.corpus) == usual
    run.change("context", "8")
    run.change("tie_head", "yes")
    assert preset_line(run.settings, run.corpus) == "corpus=names model=gpt context=8 tie_head=yes"


def test_a_reading_that_the_text_would_not_be_given_anyhow_is_named():
    run = fresh_run("names", starter("names").text(), "text", [])
    assert preset_line(run.settings, run.corpus) == "corpus=names reading=text"
    assert parse_preset("corpus=names reading=text").reading == "words"
    recipe = parse_preset("corpus=names reading=text")
    assert fresh_run(recipe.name, recipe.text, recipe.reading, recipe.pairs).corpus.reading == "text"


def test_byte_pairs_are_named_only_where_there_are_any():
    corpus = make_corpus("own", CAT)
    assert preset_line(suited(Settings(vocabulary=99), corpus), corpus) == f"text='{CAT}'"
    line = preset_line(suited(Settings(tokenizer="bpe", vocabulary=99, split_words=False), corpus), corpus)
    assert line == f"text='{CAT}' tokenizer=bpe vocabulary=99 split_words=no"


def test_a_long_text_of_ones_own_needs_a_file_and_the_sentence_says_so():
    with pytest.raises(TextError, match=r"corpus=FILE model=gpt"):
        preset_line(Settings().changed("model", "gpt"), make_corpus("own", "a b " * LONGEST))


def test_a_changed_starter_text_is_not_taken_for_the_starter_text():
    corpus = make_corpus("names", "anna\nben\n")
    line = preset_line(suited(Settings(), corpus), corpus)
    assert line == r"text='anna\nben\n'"


@given(st.text())
def test_a_text_is_escaped_to_one_line_and_back(text):
    assert escaped(text).isprintable()
    assert unescaped(escaped(text)) == text


# ---- the ready ones


def ended(name):
    """The run of a preset after its steps."""
    recipe = parse_preset(find_preset(name).line)
    run = fresh_run(recipe.name, recipe.text, recipe.reading, recipe.pairs)
    for _ in range(recipe.steps):
        run.train_step()
    return run


def loss(run):
    return run.learner.evaluate(run.learner.train)


@pytest.mark.parametrize("preset", READY, ids=lambda preset: preset.name)
def test_each_ready_preset_can_be_begun_and_says_what_there_is_to_see(preset):
    recipe = parse_preset(preset.line)
    assert recipe.screen
    assert recipe.steps
    run = fresh_run(recipe.name, recipe.text, recipe.reading, recipe.pairs)
    run.train_step()
    if recipe.screen == "ladder":
        Ladder(run.corpus, run.settings, recipe.steps, recipe.prompt, recipe.overrides)
    assert 1 <= len(preset.about) <= 3
    assert all(len(line) <= 116 for line in preset.about)


def test_no_two_presets_have_one_name():
    assert len({preset.name for preset in READY}) == len(READY)


def climbed(name):
    """The rungs of a preset's ladder at their end."""
    recipe = parse_preset(find_preset(name).line)
    run = fresh_run(recipe.name, recipe.text, recipe.reading, recipe.pairs)
    ladder = Ladder(run.corpus, run.settings, recipe.steps, recipe.prompt, recipe.overrides)
    while ladder.running:
        ladder.work(1.0)
    return {rung.name: rung for rung in ladder.report().rungs}


@pytest.fixture(scope="module")
def scene():
    """The ladder of the preset same-letters, at its end, and its text."""
    return climbed("same-letters"), make_corpus("cat", CAT, cut=cut_of(Settings(tokenizer="alphabet")))


FLOOR = 2 * math.log(2) / 17 / math.log(2)  # bits a character


def test_the_average_ends_at_its_floor_where_two_windows_hold_the_same_letters(scene):
    average = scene[0]["average"]
    assert average.floor_bits == pytest.approx(FLOOR, rel=1e-9)
    assert FLOOR <= average.train_bits < 1.02 * FLOOR


def test_the_mlp_and_the_gpt_end_below_it(scene):
    rungs = scene[0]
    assert rungs["mlp"].floor_bits == 0
    assert rungs["mlp"].train_bits < FLOOR / 10
    assert rungs["gpt"].train_bits < FLOOR / 10


def test_who_sees_one_letter_ends_above_all_of_them(scene):
    rungs = scene[0]
    assert rungs["counts"].train_bits == pytest.approx(rungs["counts"].floor_bits, rel=1e-9)
    assert rungs["counts"].train_bits > 5 * FLOOR
    assert rungs["bigram"].train_bits == pytest.approx(rungs["counts"].train_bits, rel=0.01)


def test_the_two_windows_are_the_ones_that_the_preset_tells_of(scene):
    ids = scene[1].ids
    targets = {}
    for i in range(len(ids) - 5):
        seen = tuple(sorted(ids[i : i + 5]))
        targets.setdefault(seen, set()).add(scene[1].tokenizer.token(ids[i + 5]))
    assert [found for found in targets.values() if len(found) > 1] == [{"t", "h"}]
    assert len(ids) - 5 == 17


def test_the_mlp_and_the_gpt_write_the_sentence_on(scene):
    assert scene[0]["mlp"].sample.startswith("t on the mat")
    assert scene[0]["gpt"].sample.startswith("t on the mat")


def test_careful_is_far_above_the_floor_where_bold_is_close_to_it():
    careful, bold = ended("careful"), ended("bold")
    assert loss(careful) > 10 * careful.floor
    assert loss(bold) < 1.3 * bold.floor
    assert bold.learner.epoch == careful.learner.epoch == 100


@pytest.mark.parametrize("seed", range(3))
def test_what_bold_says_of_larger_steps_is_so(seed):
    recipe = parse_preset(find_preset("bold").line)
    told = " ".join(find_preset("bold").about)
    assert "1 goes as well, but at 1.5" in told
    for rate, well in (("1", True), ("1.5", False)):
        run = fresh_run(recipe.name, recipe.text, recipe.reading, (*recipe.pairs, ("seed", str(seed))))
        run.change("learn_rate", rate)
        with contextlib.nullcontext() if well else pytest.raises(Diverged):
            for _ in range(recipe.steps):
                run.train_step()
            run.check()
            assert loss(run) < 1.3 * run.floor


def test_narrow_and_wide_end_alike_and_wide_is_quicker():
    narrow, wide = ended("narrow"), ended("wide")
    assert loss(narrow) == pytest.approx(loss(wide), rel=0.02)
    assert (narrow.params.count, wide.params.count) == (864, 3456)
    for run in (narrow, wide):
        run.restart()
        for _ in range(212):
            run.train_step()
    assert loss(wide) < 0.8 * loss(narrow)


def test_a_short_window_has_a_higher_floor_and_a_long_one_takes_longer():
    short, usual, long = ended("short-window"), ended("bold"), ended("long-window")
    assert short.floor > 2 * usual.floor
    assert loss(long) / long.floor > loss(usual) / usual.floor
    assert long.learner.examples.count == 12
    assert loss(short) > short.floor + (loss(usual) - usual.floor)  # it is not that it learns what it can more quickly


def test_the_other_text_has_nearly_four_times_the_floor():
    other = parse_preset(find_preset("other-text").line)
    run = fresh_run(other.name, other.text, other.reading, other.pairs)
    assert 3.5 < run.floor / (2 * math.log(2) / 17) < 4


def test_more_data_keeps_both_losses_together():
    run = ended("more-data")
    assert run.learner.held_out_loss(whole=True) == pytest.approx(loss(run), rel=0.06)
    assert (
        f"{run.learner.examples.count:,} windows and {run.params.count:,} weights" in find_preset("more-data").about[0]
    )


def test_by_heart_the_held_out_loss_turns_and_rises():
    run = ended("by-heart")
    assert 0 < run.turned < 500
    held = run.history["held_out"].curve().low
    assert held[-1] > 1.2 * held.min()
    assert loss(run) < 0.5 * held.min()


def test_the_byte_pairs_of_the_story_are_two_characters_each():
    recipe = parse_preset(find_preset("bpe-story").line)
    run = fresh_run(recipe.name, recipe.text, recipe.reading, recipe.pairs)
    assert run.corpus.characters_per_token == pytest.approx(2, abs=0.2)
    assert run.corpus.size == 200
    letters, merges = len(run.corpus.tokenizer.letters), len(run.corpus.tokenizer.merges)
    assert f"{merges} merges make 200 tokens of the story's {letters} characters" in find_preset("bpe-story").about[0]
    assert merges + letters + 1 == 200


def test_on_the_story_order_helps_more_than_a_window_without_it():
    rungs = climbed("story-ladder")
    for part in ("train_bits", "held_bits"):
        mlp, gpt, average, bigram = (getattr(rungs[name], part) for name in ("mlp", "gpt", "average", "bigram"))
        assert gpt < mlp < rungs["counts"].floor_bits < bigram < average
    assert rungs["average"].floor_bits < rungs["bigram"].floor_bits / 2  # so it is not what it sees that holds it back
    told = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    corpus = make_corpus("story", starter("story").text(), starter("story").reading)
    part = Part.of(Streams(corpus, Settings(held_out=0.1)).joined(), [5, 10], corpus.tokenizer)
    examples = Examples.of(part.from_window(5), 5, bounded=True)
    lowest = [part.bits(floor(examples, corpus.size) * part.count) for floor in (unordered_floor, ordered_floor)]
    assert lowest[0] == pytest.approx(rungs["average"].floor_bits)
    assert "{:.3f} and {:.3f} bits a character".format(*lowest) in told


# ---- one's own


def test_a_preset_is_found_by_its_name_or_is_a_line():
    assert find_preset("bold") in READY
    assert find_preset("corpus=names").line == "corpus=names"
    with pytest.raises(SettingError, match="there is no preset 'bald'; there are same-letters, "):
        find_preset("bald")


def test_a_preset_that_is_kept_is_there_again_and_a_later_one_takes_its_place(tmp_path):
    file = tmp_path / "presets.txt"
    assert kept_presets(file) == ()
    keep_preset(file, "first", "corpus=names model=gpt")
    keep_preset(file, "second", r"text='日 \n' model=mlp")
    keep_preset(file, "first", "corpus=places")
    assert {preset.name: preset.line for preset in kept_presets(file)} == {
        "first": "corpus=places", "second": r"text='日 \n' model=mlp"
    }  # fmt: skip
    assert find_preset("first", kept_presets(file)).line == "corpus=places"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("name", ["", "a b", "../x", "a=b", "a\n", "é", "x" * 41, "-x", "bold", "\x1b[2J"])
def test_a_name_that_will_not_do_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(SettingError):
        keep_preset(tmp_path / "presets.txt", name, "corpus=names")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", ["", "corpus=names speed=3", "corpus=names\nmodel=gpt", "corpus=names \x1b"])
def test_a_line_that_is_no_preset_is_not_kept(tmp_path, line):
    with pytest.raises(LabError):
        keep_preset(tmp_path / "presets.txt", "mine", line)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_a_sentence(tmp_path):
    with pytest.raises(RunFileError, match="cannot be saved"):
        keep_preset(tmp_path / "no" / "presets.txt", "mine", "corpus=names")


def test_a_file_that_is_no_text_is_a_sentence(tmp_path):
    (tmp_path / "presets.txt").write_bytes(b"\xff\xfea")
    with pytest.raises(TextError):
        kept_presets(tmp_path / "presets.txt")


# ---- in the lab


def test_a_recipe_is_begun_with_the_models_usual_settings_and_the_run_before_comes_back(trainer):
    trainer.handle(c.Change("seed", "5"))
    before = trainer.run
    recipe = parse_preset("text='anna ben' model=average context=3")
    trainer.handle(c.Begin(recipe.name, recipe.text, recipe.reading, recipe.pairs))
    shot = trainer.snapshot()
    assert shot.settings == replace(Settings().changed("model", "average"), context=3)
    assert (shot.step, shot.running, shot.corpus.text) == (0, False, "anna ben")
    assert shot.notice.kind == "information"
    trainer.handle(c.Back())
    assert trainer.run is before


@pytest.mark.parametrize("pairs", [(("model", "lstm"),), (("context", "999"), ("model", "gpt")), (("speed", "1"),)])
def test_a_recipe_that_cannot_be_begun_is_a_sentence_and_nothing_is_lost(trainer, pairs):
    before = trainer.run
    trainer.handle(c.Begin("x", "anna", "auto", pairs))
    assert trainer.snapshot().notice.kind == "error"
    assert trainer.run is before
