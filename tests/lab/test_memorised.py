"""A sample counts as memorised exactly where it stands in the text."""

import json

import pytest

from tinylm_tui.cli import main
from tinylm_tui.engine.sampling import Sample
from tinylm_tui.engine.tokenizer import BOUNDARY
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.cutting import Cut
from tinylm_tui.lab.memorised import SHORTEST, memorised, memory_of
from tinylm_tui.lab.store import save

from .conftest import new_run

STORY = "The cat sat on the mat. Then the dog came, and the cat ran up the tree."


def drawn(corpus, text, given="", *, ended=True):
    start = [BOUNDARY, *corpus.tokenizer.encode(given)]
    ids = [*start, *corpus.tokenizer.encode(text), *([BOUNDARY] if ended else [])]
    return Sample(tuple(map(int, ids)), len(start), (1.0,) * (len(ids) - len(start)), ended)


def test_a_whole_word_of_the_list_is_memorised_and_a_part_of_one_is_not():
    corpus = make_corpus("words", "anna\nben\nnina\n")
    assert memorised(corpus, drawn(corpus, "nina"))
    assert memorised(corpus, drawn(corpus, "na", "ni"))
    assert not memorised(corpus, drawn(corpus, "nin"))
    assert not memorised(corpus, drawn(corpus, "annaben"))
    assert not memorised(corpus, drawn(corpus, "nina", ended=False))


def test_lines_are_looked_up_whole():
    corpus = make_corpus("lines", "go on now\nstay here\n", "lines")
    assert memorised(corpus, drawn(corpus, "go on now"))
    assert not memorised(corpus, drawn(corpus, "go on"))


def test_of_a_running_text_it_is_what_was_drawn_and_long_enough():
    corpus = make_corpus("story", STORY, "text")
    assert memorised(corpus, drawn(corpus, "cat sat on the", "The ", ended=False))
    assert not memorised(corpus, drawn(corpus, "cat sat on a tree", "The ", ended=False))
    assert memorised(corpus, drawn(corpus, STORY[:SHORTEST], ended=False))
    assert not memorised(corpus, drawn(corpus, STORY[: SHORTEST - 1], ended=False))


def test_what_was_given_does_not_count_as_drawn():
    corpus = make_corpus("story", STORY, "text")
    assert not memorised(corpus, drawn(corpus, "mat", "The cat sat on the ", ended=False))


def test_the_alphabet_compares_the_text_as_it_reads_it():
    corpus = make_corpus("story", STORY, "text", Cut("alphabet"))
    assert memorised(corpus, drawn(corpus, "the mat  then the dog", ended=False))
    assert not memorised(corpus, drawn(corpus, "the mat then the dog", ended=False))


def test_the_words_are_gathered_once_for_each_text():
    corpus = make_corpus("words", "anna\nben\n").without_ids()
    assert memory_of(corpus) is memory_of(corpus)
    assert memory_of(make_corpus("words", "anna\n")).units == {"anna"}


def test_tinylm_sample_says_of_each_text_whether_it_is_memorised(tmp_path, capsys):
    run = new_run("ada\nbob\n" * 5)
    for _ in range(300):
        run.train_step()
    save(run, tmp_path / "run.safetensors")
    with pytest.raises(SystemExit, match="0"):
        main(["sample", str(tmp_path / "run.safetensors"), "--json", "-n", "20"])
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [r["memorised"] for r in records] == [
        r["text"] in ("ada", "bob") and r["tokens"][-1] == "boundary" for r in records
    ]
    assert {r["memorised"] for r in records} == {True, False}
