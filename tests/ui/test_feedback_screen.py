import math

import pytest

from tinylm_tui.engine.feedback import log_probability
from tinylm_tui.lab.commands import Configure, Feedback, Load, UndoFeedback

from .stage import open_lab
from .test_heatmap_screen import offered


async def rate_two(lab):
    """The first word up, the second down, applied."""
    await lab.press("u", "d", "a")


def report_of(lab):
    return " ".join(lab.drawn("#report").split())


def words(lab):
    return [sample.ids for sample in lab.pane.samples]


async def test_the_empty_report_says_what_will_be_here_and_how():
    async with open_lab("feedback", text="names", steps=100) as lab:
        assert "then press a" in report_of(lab)
        assert lab.snapshot.feedback is None


async def test_rating_marks_the_word_and_goes_to_the_next():
    async with open_lab("feedback", text="names", steps=100) as lab:
        await lab.press("u", "d")
        assert (lab.pane.ratings, lab.pane.cursor) == ({0: 1, 1: -1}, 2)
        lines = lab.drawn("#words").split("\n")
        assert ("2 rated" in lines[0], "up" in lines[2], "down" in lines[3]) == (True, True, True)
        assert lab.link.sent == []


async def test_x_takes_a_rating_away():
    async with open_lab("feedback", text="names", steps=100) as lab:
        await lab.press("u", "up", "x")
        assert lab.pane.ratings == {}


async def test_the_cursor_stays_on_the_words():
    async with open_lab("feedback", text="names", steps=100) as lab:
        await lab.press("up")
        assert lab.pane.cursor == 0
        await lab.press(*["j"] * 20)
        assert lab.pane.cursor == len(lab.pane.samples) - 1
        await lab.press("u", "k")
        assert lab.pane.cursor == len(lab.pane.samples) - 2


async def test_applying_moves_the_model_towards_the_liked_and_away_from_the_disliked():
    async with open_lab("feedback", text="names", steps=100, size=(120, 36)) as lab:
        before = lab.run.params["W"].copy()
        liked, disliked = words(lab)[:2]
        await rate_two(lab)
        assert isinstance(lab.link.sent[0], Feedback)
        report = lab.snapshot.feedback
        assert [(word.sign, word.after > word.before) for word in report.rated] == [(1, True), (-1, False)]
        for word, ids in zip(report.rated, (liked, disliked), strict=True):
            assert word.before == pytest.approx(log_probability(before, ids))
            assert word.after == pytest.approx(log_probability(lab.run.params["W"], ids))
        liked, disliked = (math.exp(word.after - word.before) for word in report.rated)
        assert f"×{liked:.2f}" in report_of(lab)
        assert f"×{disliked:.1e}" in report_of(lab)
        assert f"KL(now ‖ before feedback) {report.divergence:.4f} nats a token" in report_of(lab)
        assert "what round 1 did" in report_of(lab)


async def test_the_cells_that_moved_most_are_shown_before_and_after():
    async with open_lab("feedback", text="names", steps=100, size=(120, 40)) as lab:
        await rate_two(lab)
        for pair in lab.snapshot.feedback.moved[:4]:
            assert f"{pair.before:.2%} {pair.after:.2%}" in report_of(lab)


async def test_undo_puts_every_bit_back():
    async with open_lab("feedback", text="names", steps=100) as lab:
        before = lab.weights
        await rate_two(lab)
        assert lab.weights != before
        assert "z: undo" in lab.text
        await lab.press("z")
        assert lab.link.sent[-1] == UndoFeedback()
        assert lab.weights == before
        assert "z: undo" not in lab.text


async def test_undo_without_feedback_is_answered_with_a_sentence():
    async with open_lab("feedback") as lab:
        await lab.press("z")
        assert "no feedback to undo" in lab.notices[-1]


async def test_applying_nothing_is_answered_with_a_sentence():
    async with open_lab("feedback") as lab:
        await lab.press("a")
        assert "nothing is rated yet" in lab.notices[-1]


async def test_the_words_stay_while_training_goes_on():
    async with open_lab("feedback", text="names", steps=100) as lab:
        await lab.press("u")
        before, shown = words(lab), lab.drawn("#words")
        await lab.press("space")
        await lab.train(50)
        assert (words(lab), lab.drawn("#words"), lab.pane.ratings) == (before, shown, {0: 1})


async def test_another_text_brings_other_words_without_ratings():
    async with open_lab("feedback", text="names", steps=100) as lab:
        await lab.press("u", "1", "down", "enter", "6")
        assert lab.pane.ratings == {}
        assert all(max(ids) < lab.snapshot.corpus.size for ids in words(lab))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_word_that_goes_on_is_marked_and_leaves_a_gap_to_the_report(size):
    async with open_lab("feedback", size=size, text="abcab", reading="text", start="random") as lab:
        shown = lab.drawn("#words").split("\n")[2:]
        for sample, line in zip(lab.pane.samples, shown, strict=False):
            assert line.endswith(" …") != sample.ended
        assert {line[33 + 2 : 33 + 4] for line in lab.lines[5:15]} <= {"", "  "}


async def test_g_lets_the_model_write_new_words():
    async with open_lab("feedback", text="names", steps=100) as lab:
        before = words(lab)
        await lab.press("u", "g")
        assert words(lab) != before
        assert (lab.pane.ratings, lab.pane.cursor) == ({}, 0)


async def test_words_rated_for_one_text_are_refused_by_another():
    async with open_lab("feedback", text="names", steps=100) as lab:
        await lab.press("u")
        lab.link.trainer.handle(Load("small", "ab\nba\n"))  # and the screen does not know it yet
        before = lab.weights
        await lab.press("a")
        assert lab.weights == before
        assert "tokens which the text now loaded does not have" in lab.notices[-1]


async def test_a_click_chooses_the_word():
    async with open_lab("feedback", text="names", steps=100) as lab:
        await lab.pilot.click("#words", offset=(3, 2 + 4))
        assert lab.pane.cursor == 4


async def test_another_model_than_a_bigram_is_told_at_once_that_feedback_is_not_for_it():
    async with open_lab("feedback", text="names", size=(80, 24)) as lab:
        await lab.press("u", "d")
        assert {"like", "dislike", "apply"} <= offered(lab)
        lab.link.send(Configure((("model", "gpt"), ("layers", "1"), ("width", "8"))))
        await lab.pause()
        assert "only a bigram's weights are such pairs" in report_of(lab)
        assert "it wrote these; not for rating" in lab.drawn("#words")
        assert " rated" not in lab.drawn("#words")
        assert not {"like", "dislike", "apply"} & offered(lab)
        for key in ("u", "d", "a"):
            await lab.press(key)
            assert "M brings a bigram back" in lab.notices[-1]
        assert len(lab.link.sent) == 1
