import json
import os
import signal
import subprocess
import sys

import pytest

from tinylm_tui import cli
from tinylm_tui.engine.walk import walk
from tinylm_tui.lab import store
from tinylm_tui.lab.corpus import make_corpus
from tinylm_tui.lab.run import Run
from tinylm_tui.lab.settings import Settings
from tinylm_tui.lab.starters import STARTERS, starter
from tinylm_tui.lab.writing import Request, write

SAFETY = 120  # seconds; no test depends on how long something takes
ENVIRONMENT = {**os.environ, "PYTHONIOENCODING": "utf-8"}


def tinylm(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "tinylm_tui", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, timeout=SAFETY, env={**ENVIRONMENT, **environment},
    )  # fmt: skip


def lines_of(*arguments):
    """What a command with --json prints, object by object; it must succeed and complain about nothing."""
    result = tinylm(*arguments, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    return [json.loads(line) for line in result.stdout.splitlines()]


def complaint(*arguments, **environment):
    """The one line on standard error of a command that is refused."""
    result = tinylm(*arguments, **environment)
    assert result.returncode == 2, (result.stdout, result.stderr)
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.endswith("\n")
    assert result.stderr.startswith("tinylm: ")
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def saved(folder):
    """The lines of one training, and the file it made."""
    path = folder / "names.safetensors"
    return lines_of("train", "--corpus", "names", "--steps", "50", "--seed", "3", "--out", path), path


@pytest.fixture(scope="module")
def run_file(saved):
    return saved[1]


def test_training_prints_progress_and_how_it_ended(saved):
    *progress, last = saved[0]
    assert [line["step"] for line in progress] == list(range(5, 51, 5))
    assert all(set(line) == {"step", "loss", "held_out"} for line in progress)
    assert set(last) == {
        "event", "steps", "loss", "held_out", "uniform", "floor", "weights", "vocabulary", "steps_per_second",
        "bits_per_character", "characters_per_token",
    }  # fmt: skip
    assert (last["event"], last["steps"], last["vocabulary"], last["weights"]) == ("done", 50, 27, 27 * 27)
    assert last["floor"] < last["loss"] < last["uniform"]


def test_training_is_the_same_as_in_the_lab(saved):
    run = Run(make_corpus("names", starter("names").text(), "words"), Settings(seed=3))
    for _ in range(50):
        run.train_step()
    assert saved[0][-1]["loss"] == run.loss()
    assert store.load(saved[1]).params.flat.tobytes() == run.params.flat.tobytes()


def test_training_without_json_is_told_in_words():
    result = tinylm("train", "--corpus", "nonsense", "--steps", "2")
    assert result.returncode == 0
    assert result.stdout.splitlines()[-1].startswith("done: 2 steps, loss ")
    assert "exact floor" in result.stdout


def test_settings_and_files_of_ones_own_are_taken(folder):
    text = folder / "mine.txt"
    text.write_text("anna\nben\n", encoding="utf-8")
    out = folder / "mine.safetensors"
    lines_of("train", "--corpus", text, "--set", "learn_rate=３", "--set", "start=random", "--steps", "1", "--out", out)
    run = store.load(out)
    assert (run.settings.learn_rate, run.settings.start, run.corpus.name) == (3, "random", "mine.txt")


def test_zero_steps_are_an_untrained_run(folder):
    (last,) = lines_of("train", "--corpus", "names", "--steps", "0")
    assert last["loss"] == pytest.approx(last["uniform"], rel=1e-6)


def test_samples_come_with_their_tokens_and_probabilities(run_file):
    samples = lines_of("sample", run_file, "-n", "5")
    assert len(samples) == 5
    for sample in samples:
        assert set(sample) == {"text", "tokens", "probabilities", "memorised"}
        assert len(sample["tokens"]) == len(sample["probabilities"])
        assert all(0 < p <= 1 for p in sample["probabilities"])
        assert sample["text"] == "".join(token for token in sample["tokens"] if token != "boundary")


def test_a_seed_fixes_the_samples(run_file):
    first, again, other = (lines_of("sample", run_file, "--seed", seed) for seed in ("7", "7", "8"))
    assert first == again != other


def test_greedy_is_temperature_zero_and_always_the_likeliest(run_file):
    greedy = lines_of("sample", run_file, "-n", "2", "--greedy")
    assert greedy[0] == greedy[1]
    assert greedy == lines_of("sample", run_file, "-n", "2", "--temperature", "0", "--seed", "9")


def test_top_k_and_top_p_cut_as_they_do_everywhere(run_file):
    run = store.load(run_file)
    request = Request(4, 40, 0.8, "", 3, 5, 0.9)
    wanted = write(run.params, run.corpus.tokenizer, request, run.settings)
    choices = ["-n", "4", "--seed", "3", "--temperature", "0.8"]
    samples = lines_of("sample", run_file, *choices, "--top-k", "5", "--top-p", "0.9")
    assert [tuple(sample["probabilities"]) for sample in samples] == [one.probabilities for one in wanted]
    assert samples != lines_of("sample", run_file, *choices)
    assert lines_of("sample", run_file, "--top-k", "1") == lines_of("sample", run_file, "--top-p", "0")


def test_values_out_of_range_are_brought_back_and_it_says_so(run_file):
    result = tinylm("sample", run_file, "-n", "1", "--top-k", "500", "--top-p", "-1", "--temperature", "1e9")
    assert (result.returncode, result.stdout.count("\n")) == (0, 1)
    assert result.stderr.splitlines() == [
        "tinylm: temperature takes 0 to 100, so 1e+09 became 100.",
        "tinylm: top-p takes 0 to 1, so -1 became 0.",
        "tinylm: top-k takes 0 (off) to 27, so 500 became 27.",
    ]
    assert tinylm("sample", run_file, "-n", "1", "--top-k", "27", "--top-p", "0").stderr == ""


def test_a_prompt_is_gone_on_from(run_file):
    for sample in lines_of("sample", run_file, "--prompt", "an", "-n", "3", "--length", "4"):
        assert sample["text"].startswith("an")
        assert len(sample["tokens"]) <= 4


def test_without_json_a_sample_is_a_line(run_file):
    as_json = lines_of("sample", run_file, "-n", "4")
    assert tinylm("sample", run_file, "-n", "4").stdout.splitlines() == [sample["text"] for sample in as_json]


def test_inspect_math_gives_the_figures_of_the_walk(run_file):
    (record,) = lines_of("inspect", run_file, "math", "--text", "cat")
    run = store.load(run_file)
    w = walk(run.params, run.corpus.counts, int(run.corpus.tokenizer.encode("t")[0]))
    assert (record["letter"], record["one_hot_index"]) == ("t", w.token)
    assert record["scores"] == pytest.approx(w.scores, rel=1e-8)
    assert record["e_to_score"] == pytest.approx(w.exps, rel=1e-8)
    assert record["sum"] == w.total
    assert record["probabilities"] == pytest.approx(w.probabilities, rel=1e-8)
    assert record["gradient"] == pytest.approx(w.gradient, rel=1e-8, abs=1e-12)
    assert record["vocabulary"][w.top] == record["top_guess"]
    assert record["vocabulary"][w.commonest] == record["commonest_successor"]
    assert record["commonest_share"] == w.commonest_share
    assert record["commonest_probability"] == w.commonest_probability
    assert record["surprise_nats"] == w.surprise


def test_inspect_in_words_has_a_row_for_each_next_token(run_file):
    result = tinylm("inspect", run_file, "math", "--text", "a")
    assert result.returncode == 0
    assert result.stdout.splitlines()[0].split() == ["token", "a"]
    assert len([line for line in result.stdout.splitlines() if line.startswith("'")]) == 27


@pytest.mark.parametrize("model", ["bigram", "gpt"])
def test_the_gradients_are_right(model):
    (record,) = lines_of("gradcheck", "--model", model)
    assert record["model"] == model
    assert record["worst_relative_error"] == max(record["checks"].values()) < 1e-6


def test_the_figure_of_the_gradient_check_is_told_in_words():
    words = tinylm("gradcheck", "--model", "gpt").stdout
    assert words.startswith("gpt: largest relative error ")
    assert all(form in words for form in ("tied plain", "tied fast", "untied plain", "untied fast"))


def test_a_wrong_gradient_ends_with_status_1():
    code = (
        "from tinylm_tui.lab import checking; checking.gradient_check = lambda model: {'full batch': 0.5};"
        "from tinylm_tui.cli import main; main(['gradcheck'])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SAFETY)
    assert result.returncode == 1
    assert "5.0e-01" in result.stdout


def test_the_starter_texts_are_listed_with_their_counts():
    records = lines_of("corpora")
    assert [record["name"] for record in records] == [one.name for one in STARTERS]
    for record in records:
        corpus = make_corpus(record["name"], starter(record["name"]).text(), record["reading"])
        assert (record["words"], record["pairs"]) == (corpus.words, corpus.pairs)
        assert record["letters"] == corpus.size - 1
        assert record["characters"] == len(corpus.text)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["train", "--help"], ["sample", "--help"]])
def test_help_and_version_succeed(arguments):
    result = tinylm(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout


BAD_TRAINING = {
    "a file that is not there": (["--corpus", "nowhere.txt"], "there is no file nowhere.txt"),
    "a folder": (["--corpus", "/"], "is a folder"),
    "a device": (["--corpus", "/dev/zero"], "not an ordinary file"),
    "another model": (["--corpus", "names", "--model", "lstm"], "bigram, average, mlp, gpt, not 'lstm'"),
    "no corpus": ([], "required: --corpus"),
    "negative steps": (["--corpus", "names", "--steps", "-1"], "steps"),
    "half steps": (["--corpus", "names", "--steps", "1.5"], "steps takes a whole number"),
    "no number": (["--corpus", "names", "--steps", "many"], "steps takes a number"),
    "a seed that is none": (["--corpus", "names", "--seed", "nan"], "seed takes a number"),
    "a setting without a value": (["--corpus", "names", "--set", "batch"], "NAME=VALUE"),
    "an unknown setting": (["--corpus", "names", "--set", "speed=3"], "there is no setting 'speed'"),
    "a learn rate that is none": (["--corpus", "names", "--set", "learn_rate=-3"], "learn_rate takes a number"),
    "an unknown option": (["--corpus", "names", "--fast"], "unrecognized arguments: --fast"),
    "a place nobody can write to": (
        ["--corpus", "names", "--steps", "0", "--out", "/no/such/run"], "cannot save to /no/such/run"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "says"), BAD_TRAINING.values(), ids=BAD_TRAINING)
def test_training_that_cannot_be_is_refused_in_one_line(arguments, says):
    if "--out" in arguments:
        result = tinylm("train", *arguments)  # it trains first, and says so
        assert (result.returncode, result.stderr.count("\n")) == (2, 1)
        assert says in result.stderr
    else:
        assert says in complaint("train", *arguments)


def test_training_that_explodes_is_one_line_and_leaves_no_file(folder):
    out = folder / "exploded.safetensors"
    said = complaint("train", "--corpus", "names", "--set", "learn_rate=1e6", "--out", out)
    assert "learn rate" in said
    assert not out.exists()


BAD_TEXTS = {
    "empty": (b"", "no text to learn from"),
    "blank": (b" \n\t\n", "only white space"),
    "no UTF-8": (b"a\xff\xfe", "not UTF-8 text"),
}


@pytest.mark.parametrize(("data", "says"), BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_a_text_nothing_can_be_learnt_from_is_refused_in_one_line(folder, data, says):
    file = folder / "bad.txt"
    file.write_bytes(data)
    assert says in complaint("train", "--corpus", file)


BAD_LOOKS = {
    "no run": (["sample", "nowhere"], "there is no run nowhere"),
    "a prompt it cannot read": (["sample", "RUN", "--prompt", "日"], "never seen 日"),
    "a temperature that is none": (["sample", "RUN", "--temperature", "nan"], "--temperature takes a number"),
    "a top-k that is none": (["sample", "RUN", "--top-k", "many"], "--top-k takes a number"),
    "half a token": (["sample", "RUN", "--top-k", "2.5"], "--top-k takes a whole number"),
    "a top-p that is none": (["sample", "RUN", "--top-p", "nan"], "--top-p takes a number from 0 to 1"),
    "a count that is none": (["sample", "RUN", "-n", "some"], "-n takes a number"),
    "a letter it does not know": (["inspect", "RUN", "math", "--text", "日"], "never seen 日"),
    "a view a bigram does not have": (["inspect", "RUN", "attention", "--text", "a"], "a bigram has no attention"),
    "a view that there is not": (["inspect", "RUN", "magic"], "a bigram has no magic to show; it has math"),
    "a view of later": (["inspect", "RUN", "lens"], "a bigram has no lens to show; it has math"),
    "an unknown command": (["fly"], "invalid choice"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD_LOOKS.values(), ids=BAD_LOOKS)
def test_looking_at_what_is_not_there_is_refused_in_one_line(run_file, arguments, says):
    assert says in complaint(*[run_file if word == "RUN" else word for word in arguments])


def test_a_damaged_run_is_refused_in_one_line(folder, run_file):
    damaged = folder / "damaged.safetensors"
    damaged.write_bytes(run_file.read_bytes()[:-1])
    assert "damaged" in complaint("sample", damaged)


@pytest.mark.parametrize("trick", ["\x1b]52;c;aGk=\x07", "a\nb", "\x9b2J", "\u202eabc", "[/foo]", "[@click=app.quit]"])
def test_no_byte_of_the_persons_text_acts_on_the_terminal(run_file, trick):
    for said in (complaint("train", "--corpus", trick), complaint("sample", run_file, "--prompt", trick)):
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said)


def test_what_a_model_writes_does_not_act_on_the_terminal_either(folder):
    text, out = folder / "escape.txt", folder / "escape.safetensors"
    text.write_text("\x1b[2Ja\x07 " * 5, encoding="utf-8")
    lines_of("train", "--corpus", text, "--steps", "50", "--out", out)
    for result in (tinylm("sample", out), tinylm("inspect", out, "math", "--text", "\x1b")):
        assert result.returncode == 0
        assert not {"\x1b", "\x07"} & set(result.stdout)


@pytest.fixture(scope="module")
def unicode_run(folder):
    text, out = folder / "unicode.txt", folder / "unicode.safetensors"
    text.write_text("日本\nömer\n", encoding="utf-8")
    lines_of("train", "--corpus", text, "--steps", "5", "--out", out)
    return out


def test_the_plain_locale_reads_and_writes_any_letter(unicode_run):
    result = tinylm("sample", unicode_run, "--prompt", "日本", LC_ALL="C")
    assert (result.returncode, result.stderr) == (0, "")
    assert all(line.startswith("日本") for line in result.stdout.splitlines())


def test_an_output_that_knows_only_ascii_gets_question_marks_and_no_traceback(unicode_run):
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    assert tinylm("sample", unicode_run, "--prompt", "日", **ascii_only).stdout.startswith("?")
    assert tinylm("inspect", unicode_run, "math", **ascii_only).returncode == 0
    assert "never seen ?" in complaint("sample", unicode_run, "--prompt", "é", **ascii_only)


def test_a_reader_who_leaves_early_is_no_traceback(run_file):
    command = [sys.executable, "-m", "tinylm_tui", "sample", str(run_file), "-n", "20000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_the_lab_without_a_terminal_is_refused_in_one_line():
    assert "needs a terminal" in complaint()


@pytest.fixture(scope="module")
def ladder():
    """The lines of one ladder."""
    return lines_of("ladder", "--corpus", "names", "--steps", "20", "--prompt", "an", "--set", "gpt.width=16",
                    "--set", "average.batch=8")  # fmt: skip


def test_a_ladder_has_a_line_for_each_rung_and_one_at_its_end(ladder):
    *rungs, last = ladder
    assert [rung["rung"] for rung in rungs] == ["counts", "bigram", "average", "mlp", "gpt"]
    assert all(rung["state"] == "done" for rung in rungs)
    assert all(rung["sample"].startswith("an") for rung in rungs)
    assert (last["event"], last["steps"], last["seed"], last["held_out"]) == ("done", 20, 0, 0.1)
    assert last["train_tokens"] > last["held_out_tokens"] > 0


def test_the_rungs_of_a_ladder_are_told_in_bits_a_character_with_their_floors(ladder):
    counts, bigram, average, mlp, gpt = ladder[:-1]
    assert counts["train_bits"] == pytest.approx(counts["floor_bits"])
    assert (counts["held_out_bits"], counts["never"]) == (None, True)
    for rung in (bigram, average, mlp):
        assert rung["train_bits"] > rung["floor_bits"] > 0
        assert rung["held_out_bits"] > 0
    assert gpt["floor_bits"] is None


def test_a_seed_fixes_a_ladder(ladder):
    def without_times(lines):
        return [{k: v for k, v in line.items() if k not in ("steps_per_second", "seconds")} for line in lines]

    options = ["--steps", "20", "--prompt", "an", "--set", "gpt.width=16", "--set", "average.batch=8"]
    first = without_times(ladder)
    assert without_times(lines_of("ladder", "--corpus", "names", *options)) == first
    assert without_times(lines_of("ladder", "--corpus", "names", *options, "--seed", "1")) != first


def test_a_ladder_in_words_is_a_table():
    result = tinylm("ladder", "--corpus", "nonsense", "--steps", "3", "--set", "tokenizer=alphabet")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[1].split() == ["weights", "training", "held", "out", "floor", "steps/s", "sample"]
    names = [line.split()[0] for line in lines[2:] if not line.startswith(" ")]
    assert names == ["counts", "bigram", "average", "mlp", "gpt", "done:"]


def test_a_preset_is_a_ladder_too_and_what_is_told_beside_it_counts():
    *rungs, last = lines_of("ladder", "--preset", "same-letters", "--steps", "5", "--set", "mlp.hidden=8")
    assert (last["steps"], last["tokenizer"], last["prompt"]) == (5, "alphabet", "t on ")
    assert [rung["weights"] for rung in rungs[2:4]] == [2 * 27 * 32, 27 * 8 + 5 * 8 * 8 + 8 + 8 * 27 + 27]


def test_the_presets_are_listed_with_their_lines():
    records = lines_of("presets")
    assert {"same-letters", "gpt-names"} <= {record["name"] for record in records}
    assert all(record["line"] and 1 <= len(record["about"]) <= 3 for record in records if not record["own"])
    assert tinylm("presets").stdout.startswith("same-letters\n")


def test_a_preset_of_ones_own_is_listed_and_can_be_trained(folder):
    kept = folder / "data" / "tinylm" / "presets.txt"
    kept.parent.mkdir(parents=True)
    kept.write_text("mine text='anna ben nina' model=mlp context=3 steps=4\n", encoding="utf-8")
    here = {"XDG_DATA_HOME": str(folder / "data")}
    if sys.platform == "linux":
        assert "\nmine\n  text='anna ben nina'" in tinylm("presets", **here).stdout
        result = tinylm("train", "--preset", "mine", "--json", **here)
        assert json.loads(result.stdout.splitlines()[-1])["steps"] == 4


def test_a_preset_is_trained_as_its_line_says_and_what_is_told_beside_it_counts(folder):
    out = folder / "preset.safetensors"
    line = "text='the cat sat on the mat' model=average tokenizer=alphabet width=4 seed=3 steps=6"
    last = lines_of("train", "--preset", line, "--set", "width=5", "--out", out)[-1]
    run = store.load(out)
    assert (last["steps"], last["vocabulary"], run.settings.width, run.settings.seed) == (6, 27, 5, 3)
    assert run.corpus.text == "the cat sat on the mat"


BAD_LADDERS = {
    "no text": (["ladder"], "required: --corpus"),
    "two texts": (["ladder", "--corpus", "names", "--preset", "bold"], "choose one"),
    "two texts to train on": (["train", "--corpus", "names", "--preset", "bold"], "choose one"),
    "no steps": (["ladder", "--corpus", "names", "--steps", "0"], "steps takes a number from 1"),
    "no model": (["ladder", "--corpus", "names", "--set", "lstm.context=3"], "there is no model 'lstm'"),
    "no setting": (["ladder", "--corpus", "names", "--set", "mlp.speed=3"], "there is no setting 'speed'"),
    "a seed that is none": (["ladder", "--corpus", "names", "--seed", "x"], "seed takes a number"),
    "a prompt it cannot read": (["ladder", "--corpus", "names", "--prompt", "日"], "never seen 日"),
    "no preset": (["train", "--preset", "nothing"], "there is no preset 'nothing'"),
    "a preset that cannot be": (["train", "--preset", "corpus=names speed=3"], "there is no setting 'speed'"),
}


@pytest.mark.parametrize(("arguments", "says"), BAD_LADDERS.values(), ids=BAD_LADDERS)
def test_a_ladder_or_preset_that_cannot_be_is_refused_in_one_line(arguments, says):
    assert says in complaint(*arguments)


@pytest.mark.skipif(sys.platform == "win32", reason="ctrl+c is a signal elsewhere")
def hearing():
    """Programs that were started in the background are deaf to interrupts, and so is all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_ends_a_ladder_with_status_130():
    command = [sys.executable, "-m", "tinylm_tui", "ladder", "--corpus", "names", "--steps", "1000000", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, env=ENVIRONMENT, preexec_fn=hearing) as process:
        assert json.loads(process.stdout.readline())["rung"] == "counts"
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=SAFETY)
    assert (process.returncode, complaints) == (130, b"")


# ---- what goes beside the figures


def left_with(capsys, *arguments):
    """The exit status, and what was said on either side."""
    with pytest.raises(SystemExit) as left:
        cli.main(list(arguments))
    said = capsys.readouterr()
    return left.value.code or 0, said.out, said.err


def test_a_setting_that_the_model_does_not_have_is_noted_and_the_training_goes_on(capsys):
    status, out, err = left_with(
        capsys, "train", "--corpus", "names", "--model", "average", "--set", "hidden=5", "--set", "width=4",
        "--steps", "1",
    )  # fmt: skip
    assert (status, "done: 1 steps" in out) == (0, True)
    assert err == "tinylm: hidden means nothing to an average: it is for mlp\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["train", "--corpus", "names", "--model", "mlp", "--set", "model=gpt"], "both name a model"),
        (["train", "--preset", "story-ladder"], "tinylm ladder --preset story-ladder"),
        (["train"], "see tinylm train --help"),
        (["ladder"], "see tinylm ladder --help"),
        (["train", "--preset", "modle=mlp"], "no setting 'modle': model is one"),
        (["train", "--preset", "corpus= model=mlp"], "corpus= names no text"),
        (["train", "--corpus", "names", "--steps", "-5"], "from 0 to 1,000,000,000, not -5"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_what_would_do(capsys, arguments, why):
    status, out, err = left_with(capsys, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert why in err


def test_ctrl_c_keeps_what_has_been_trained(capsys, tmp_path, monkeypatch):
    path = tmp_path / "run.safetensors"
    step = Run.train_step

    def interrupted_at_seven(run):
        step(run)
        if run.step == 7:
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(Run, "train_step", interrupted_at_seven)
    status, out, err = left_with(capsys, "train", "--corpus", "names", "--steps", "500", "--out", str(path))
    signal.signal(signal.SIGINT, before)
    assert (status, "done: 7 steps" in out) == (130, True)
    assert err == f"tinylm: interrupted at step 7 of 500; saved to {path}\n"
    assert store.load(path).step == 7


def test_greedy_with_a_temperature_says_that_it_takes_none(capsys, tmp_path):
    path = str(tmp_path / "run.safetensors")
    left_with(capsys, "train", "--corpus", "names", "--steps", "1", "--out", path)
    assert "greedy takes no temperature" in left_with(capsys, "sample", path, "--greedy", "--temperature", "2")[2]
    assert left_with(capsys, "sample", path, "--greedy")[2] == ""
