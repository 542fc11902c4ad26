import numpy as np

from tinylm_tui.lab.settings import parse_pairs
from tinylm_tui.lab.writing import Request, write

from .stage import new_trainer, open_lab


def words_of(lab):
    return [line.split()[0] if line.split() else "" for line in lab.drawn("#samples").split("\n")]


def side(lab):
    return " ".join(lab.drawn(".side").split())


async def test_the_samples_are_those_of_the_model():
    async with open_lab("generate", text="names", steps=300) as lab:
        tokenizer = lab.run.corpus.tokenizer
        wanted = [tokenizer.decode(one.drawn) for one in write(lab.run.params, tokenizer, Request(10, 40))]
        assert words_of(lab)[:10] == wanted


async def test_g_throws_new_dice_and_sends_nothing():
    async with open_lab("generate", text="names", steps=300) as lab:
        before = words_of(lab)
        await lab.press("g")
        assert words_of(lab) != before
        assert "dice  g                    1" in lab.text
        assert lab.link.sent == []


async def test_the_temperature_goes_in_tenths_down_to_0_and_up():
    async with open_lab("generate") as lab:
        await lab.press("plus")
        assert lab.pane.temperature == 1.1
        assert "temperature  + - G      1.10" in lab.text
        await lab.press(*["minus"] * 13)
        assert lab.pane.temperature == 0
        assert "temperature  + - G      0.00" in lab.text
        await lab.press("equals_sign")
        assert lab.pane.temperature == 0.1


async def test_at_temperature_0_there_is_one_text_and_the_screen_says_why():
    async with open_lab("generate", text="names", steps=300) as lab:
        await lab.press(*["minus"] * 10)
        assert len([line for line in lab.drawn("#samples").split("\n") if line.strip()]) == 1
        assert "always the likeliest letter" in side(lab)


async def test_a_prompt_is_repeated_and_gone_on_from():
    async with open_lab("generate", text="names", steps=300) as lab:
        await lab.press("p")
        await lab.type("mari")
        await lab.press("enter")
        assert all(word.startswith("mari") for word in words_of(lab) if word)
        assert len(set(words_of(lab))) > 3
        given = lab.pane.query_one("#samples")._lines[0]._segments[:4]
        assert all(segment.style.underline for segment in given)


async def test_the_screen_reminds_that_only_the_last_letter_counts():
    async with open_lab("generate") as lab:
        assert "starts at the boundary" in side(lab)
        await lab.press("p", "n", "e")
        assert "Only the last letter, e, counts" in side(lab)


async def test_words_that_end_in_the_same_letter_go_on_alike():
    async with open_lab("generate", text="names", steps=300) as lab:

        async def tails(prompt):
            lab.pane.query_one("#prompt").value = prompt
            await lab.pause()
            return [word.removeprefix(prompt) for word in words_of(lab)]

        assert await tails("mari") == await tails("li")


async def test_an_unknown_letter_is_named_in_a_sentence():
    async with open_lab("generate") as lab:
        for prompt, named in [("aX", "X"), ("\u00e9", "\u00e9"), ("a b", "the blank"), ("[/foo]", "[, /, f, o, ]")]:
            lab.pane.query_one("#prompt").value = prompt
            await lab.pause()
            assert f"the model has never seen {named}" in lab.drawn("#samples").replace("\n", " ")
        lab.pane.query_one("#prompt").value = "a"
        await lab.pause()
        assert "never seen" not in lab.text


async def test_the_brighter_a_letter_the_likelier_it_was():
    async with open_lab("generate", text="names", steps=300) as lab:
        tokenizer = lab.run.corpus.tokenizer
        sample = write(lab.run.params, tokenizer, Request(1, 40))[0]
        styles = [segment.style for segment in lab.pane.query_one("#samples")._lines[0]._segments]
        shown = styles[: len(sample.drawn)]
        wanted = [lab.app.look.by_probability(p) for p in sample.probabilities[: len(sample.drawn)]]
        assert shown == wanted


async def test_looking_and_sampling_never_change_how_training_goes_on():
    async def trained(looking):
        async with open_lab("generate", batch=8, seed=4) as lab:
            await lab.press(*["g", "plus", "5", "3"] if looking else [])
            await lab.press("S")
            return lab.weights

    assert await trained(looking=True) == await trained(looking=False)


async def test_a_text_without_words_is_gone_on_with_over_several_lines():
    async with open_lab("generate", text="story", steps=100) as lab:
        assert lab.drawn("#samples").count("bits") < len(lab.drawn("#samples").split("\n"))


async def test_k_and_n_cut_the_samples_and_the_line_stands_in_the_bars():
    async with open_lab("generate", text="names", steps=300) as lab:
        assert "keeps all 27, nothing thrown away" in side(lab)
        await lab.press("k", "k", "k", "n", "n")
        tokenizer = lab.run.corpus.tokenizer
        request = Request(10, 40, top_k=5, top_p=0.9)
        wanted = [tokenizer.decode(one.drawn) for one in write(lab.run.params, tokenizer, request)]
        assert words_of(lab)[:10] == wanted
        assert "top-k k 5 top-p n 0.90" in side(lab)
        assert "keeps 5 of 27" in side(lab)
        bars = next(line for line in lab.drawn(".side").split("\n") if "█" in line)
        assert bars.index("│") == 10  # after five bars


async def test_the_share_thrown_away_is_that_of_the_first_token_after_the_prompt():
    async with open_lab("generate", text="names", steps=300) as lab:
        await lab.press("p", "m", "enter", "K")
        await lab.answer("2")
        row = lab.run.params["W"][lab.run.corpus.tokenizer.encode("m")[0]].astype(float)
        p = np.sort(np.exp(row) / np.exp(row).sum())[::-1]
        assert f"keeps 2 of 27, {p[2:].sum():.2%} thrown away" in side(lab)


async def test_each_press_keeps_fewer_and_then_all_again():
    async with open_lab("generate", text="names") as lab:
        seen = []
        for _ in range(8):
            await lab.press("k", "n")
            seen.append((lab.pane.dials.top_k, lab.pane.dials.top_p))
        assert [k for k, _ in seen] == [20, 10, 5, 3, 2, 1, 0, 20]  # 50 is more than there are tokens
        assert [p for _, p in seen[:6]] == [0.95, 0.9, 0.8, 0.5, 0.2, 1.0]


async def test_a_value_out_of_range_is_brought_back_and_it_says_so():
    async with open_lab("generate", text="names") as lab:
        for key, typed, sentence in [
            ("K", "500", "top-k takes 0 (off) to 27, so 500 became 27."),
            ("N", "-2", "top-p takes 0 to 1, so -2 became 0."),
            ("T", "1000", "temperature takes 0 to 100, so 1000 became 100."),
        ]:
            await lab.press(key)
            await lab.answer(typed)
            assert lab.notices[-1] == sentence
        dials = lab.pane.dials
        assert (dials.top_k, dials.top_p, dials.temperature) == (27, 0, 100)


async def test_what_is_no_number_is_refused():
    async with open_lab("generate", text="names") as lab:
        for key, typed in [("K", "many"), ("K", "2.5"), ("N", "nan"), ("T", "")]:
            await lab.press(key)
            await lab.answer(typed)
            assert "takes a" in lab.error()
            await lab.press("escape")
        dials = lab.pane.dials
        assert (dials.top_k, dials.top_p, dials.temperature) == (0, 1, 1)


async def test_a_text_that_goes_on_below_the_edge_says_so():
    async with open_lab("generate", trainer=new_trainer("names", **vars(parse_pairs(["model=mlp"])))) as lab:
        page = lab.pane.page(48, 16)
        shown = [line.text.rstrip() for line in page.lines]
        assert shown[-1].endswith(" …")
        assert not shown[-1].endswith("bits")
        whole = lab.pane.page(48, 15)
        assert whole.lines[-1].text.endswith("bits")  # the control: the one before ends at the edge
