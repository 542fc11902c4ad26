import dataclasses
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinylm_tui.lab.errors import SettingError
from tinylm_tui.lab.settings import SETTINGS, Settings, parse_pairs, setting

NAMES = [row.name for row in SETTINGS]
ANYTHING = st.text(st.characters(codec=None), max_size=30) | st.floats().map(str) | st.integers().map(str)


def test_the_table_has_a_row_for_every_setting_and_no_other():
    assert [field.name for field in dataclasses.fields(Settings)] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_default_is_a_value_the_table_takes_and_gives_back(name):
    value = getattr(Settings(), name)
    assert setting(name).parse(str(value)) == value


@given(st.sampled_from(NAMES), ANYTHING)
@example("batch", "1e400")
@example("seed", "９" * 400)
@example("start", "\ud800")
def test_any_text_is_parsed_or_refused_with_a_sentence(name, text):
    try:
        changed = Settings().changed(name, text)
    except SettingError as error:
        said = str(error)
        assert name in said
    else:
        assert Settings().changed(name, str(getattr(changed, name))) == changed


@given(st.lists(ANYTHING | st.tuples(st.sampled_from(NAMES), ANYTHING).map("=".join), max_size=3))
def test_any_pairs_are_settings_or_refused(pairs):
    with suppress(SettingError):
        assert isinstance(parse_pairs(pairs), Settings)


def test_pairs_are_read_in_order_and_the_last_one_counts():
    assert parse_pairs(["learn_rate=3", "batch=8", " learn_rate = 4 "]) == Settings(learn_rate=4, batch=8)


def test_pairs_change_only_what_they_name():
    assert parse_pairs(["seed=5"], Settings(batch=8)) == Settings(batch=8, seed=5)


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "1e7", "fast", "", "1,5"])
def test_an_impossible_learn_rate_is_refused_with_what_would_do(value):
    with pytest.raises(SettingError, match="learn_rate takes a number from 0 to 1,000,000"):
        Settings().changed("learn_rate", value)


@pytest.mark.parametrize(("value", "rate"), [("0", 0), ("１", 1), (" 1e6 ", 1e6), ("0.5", 0.5)])
def test_a_possible_learn_rate_is_taken(value, rate):
    assert Settings().changed("learn_rate", value).learn_rate == rate


def test_choices_are_taken_in_any_case():
    assert Settings().changed("start", " Random ").start == "random"


def test_the_range_of_the_seed_is_told_exactly():
    with pytest.raises(SettingError, match="from 0 to 4,294,967,295, not 4294967296"):
        Settings().changed("seed", str(2**32))


def test_an_unknown_setting_is_refused_with_those_there_are():
    with pytest.raises(SettingError, match="no setting 'speed': seed is one; there are model, reading"):
        parse_pairs(["speed=3"])


def test_an_unknown_model_is_refused_with_those_there_are():
    with pytest.raises(SettingError, match="model is one of bigram, average, mlp, gpt, not 'lstm'"):
        Settings().changed("model", "lstm")


def test_a_long_value_is_cut_in_the_sentence():
    with pytest.raises(SettingError) as refused:
        Settings().changed("start", "x" * 1000)
    assert len(str(refused.value)) < 100
