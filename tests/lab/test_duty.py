"""`--duty`: how much of a core a trainer takes, by a clock that is made up."""

import pytest

from tinylm_tui.lab import commands as c
from tinylm_tui.lab.pace import Duty
from tinylm_tui.lab.process import Server
from tinylm_tui.lab.trainer import Trainer

from .conftest import new_run

STEP = 0.001  # seconds of work in a step


class Machine:
    """Time passes while somebody works, and while somebody waits; `slow`: seconds that pass for one of work."""

    def __init__(self, slow=1.0):
        self.now, self.worked, self.slow = 100.0, 0.0, slow

    def work(self, seconds):
        self.worked += seconds
        self.now += seconds * self.slow


class Pipe:
    """Hands out commands at their times; after the last one it is told to quit."""

    def __init__(self, machine, *commands):
        self.machine, self.commands = machine, list(commands)
        self.sent = []

    def poll(self, seconds=0.0):
        end = float("inf") if seconds is None else self.machine.now + seconds
        due = self.commands[0][0] <= end
        self.machine.now = max(self.machine.now, self.commands[0][0] if due else end)
        return due

    def recv(self):
        return self.commands.pop(0)[1]

    def send(self, snapshot):
        self.sent.append((self.machine.now, snapshot))


def served(share, seconds=10.0, slow=1.0, *more, pace=0):
    """Train for so many seconds; the machine afterwards, the trainer and the pipe."""
    machine = Machine(slow)
    trainer = Trainer(new_run(pace=pace), lambda: machine.now)
    true = trainer.run.train_step

    def step():
        machine.work(STEP)
        true()

    trainer.run.train_step = step
    pipe = Pipe(machine, (0.0, c.Train()), *more, (100.0 + seconds, c.Quit()))
    Server(pipe, trainer, Duty(share, lambda: machine.worked)).serve()
    return machine, trainer, pipe


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.9])
def test_a_trainer_takes_its_share_of_the_time_and_no_more(share):
    machine, _, _ = served(share)
    assert machine.worked / 10.0 == pytest.approx(share, abs=0.002)


def test_without_a_limit_it_takes_all_of_it():
    machine, trainer, _ = served(1.0)
    assert machine.worked == pytest.approx(10.0, rel=0.001)
    assert trainer.run.step == pytest.approx(10_000, rel=0.001)


def test_what_others_took_of_the_machine_counts_as_rest():
    machine, _, _ = served(0.5, slow=2.0)
    assert machine.worked == pytest.approx(5.0, rel=0.01)
    machine, _, _ = served(0.5, slow=4.0)
    assert machine.worked == pytest.approx(2.5, rel=0.01)


def test_a_pace_below_the_limit_is_kept():
    _, trainer, _ = served(0.5, pace=10)
    assert trainer.run.step == pytest.approx(100, abs=5)


def test_a_question_is_answered_in_the_middle_of_a_rest():
    _, _, pipe = served(0.001, 20.0, 1.0, (101.0, c.Ask(0, 0)), (102.0, c.Pause()), (103.0, c.Ask(0, 0)))
    assert [time for time, _ in pipe.sent] == pytest.approx([101.0, 103.0], abs=0.02)
    assert not pipe.sent[1][1].running


def test_long_work_rests_too():
    machine = Machine()
    trainer = Trainer(new_run(), lambda: machine.now)
    server = Server(Pipe(machine, (1e9, c.Quit())), trainer, Duty(0.5, lambda: machine.worked))
    for _ in range(20):
        machine.work(0.05)
        assert server.breathe()
    assert machine.now == pytest.approx(102.0)


def test_what_is_not_counted_is_not_rested_for():
    machine = Machine()
    duty = Duty(0.5, lambda: machine.worked)
    machine.work(1.0)
    assert duty.rest(machine.now) == 0
    duty.count(machine.now)
    assert duty.rest(machine.now) == pytest.approx(1.0)
    assert duty.rest(machine.now + 0.25) == pytest.approx(0.75)
    assert duty.rest(machine.now + 2) == 0
