"""Pieces done elsewhere, with workers that are killed and a scheduler that stops. Functions of Python itself stand for
pieces: they are known everywhere."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from clusters import LocalCluster
from companies import simulate
from engine import bgnbd, cluster, executors, mbgnbd, parcels, selection
from engine.executors import Executor, Processes, open_executor
from engine.frame import Purchases

#: Source of a piece: dies where it finds the file of its number, and takes it away; else the square.
DIES = """(lambda marks, number: marks.joinpath(str(number)).exists() and (
    marks.joinpath(str(number)).unlink(), __import__('os').kill(__import__('os').getpid(), 9)
) or number * number)(marks, number)"""
ELSEWHERE = "__import__('os').getpid()"


@pytest.fixture(scope='module')
def bought():
    observed = np.random.default_rng(5).integers(100, 700, 600)
    return simulate(bgnbd.MODEL, (0.8, 40.0, 0.7, 2.5), observed, 700, 5)


@pytest.fixture(scope='module')
def alone(bought):
    """The choice as one process makes it, trees included."""
    choice = choose(bought, Executor())
    assert any(trial.candidate.blended for trial in choice.trials)
    return choice


@pytest.fixture(scope='module')
def running():
    with LocalCluster(2) as started:
        yield started


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(cluster, 'PATIENCE', 0.3)
    monkeypatch.setattr(cluster, 'LOOK_AT_WORKERS', 0.1)


@pytest.fixture
def marks(tmp_path):
    def mark(*numbers):
        for number in numbers:
            (tmp_path / str(number)).touch()
        return [({'marks': tmp_path, 'number': number},) for number in range(4)]
    return mark


def squares(executor, pieces):
    return executor.map(eval, DIES, pieces)


def choose(bought, executor):
    with executor:
        choice = selection.choose(bought, 700, 180, models=[bgnbd.MODEL, mbgnbd.MODEL], executor=executor)
    assert not executor.problem
    return choice


def test_processes_choose_to_the_last_digit(bought, alone):
    assert choose(bought, Processes(2)) == alone


def test_a_cluster_chooses_to_the_last_digit(bought, alone, running):
    assert choose(bought, open_executor(running.address, 3)) == alone


def test_pieces_are_done_elsewhere(running):
    for executor in (Processes(2), open_executor(running.address)):
        with executor:
            found = executor.map(eval, ELSEWHERE, [({},)] * 6)
            assert len(set(found)) == 2
            assert os.getpid() not in found
    with open_executor() as executor:
        assert executor.map(eval, ELSEWHERE, [({},)]) == [os.getpid()]


def test_a_worker_that_is_killed_is_replaced(marks):
    with Processes(2) as executor:
        assert squares(executor, marks(1, 3)) == [0, 1, 4, 9]
        assert not executor.problem
        assert squares(executor, marks(0)) == [0, 1, 4, 9], "used again"


def test_a_worker_of_a_cluster_that_is_killed_has_its_piece_done_by_another(marks):
    with LocalCluster(2) as started, open_executor(started.address) as executor:
        assert squares(executor, marks(2)) == [0, 1, 4, 9]
        assert not executor.problem
        assert sum(worker.poll() is not None for worker in started.workers) == 1


def test_a_piece_that_kills_every_worker_is_done_here(marks, monkeypatch):
    """Three times; the fourth, here, finds no mark any more."""
    monkeypatch.setattr(executors, 'TRIES', 1)
    with Processes(2) as executor:
        assert squares(executor, marks(1)) == [0, 1, 4, 9]
        assert executor.problem.code == 'died'


def test_a_scheduler_that_stops_leaves_the_rest_to_this_process(impatient):
    """What was done by then is not done again: it would tell this process's number."""
    own = os.getpid()
    with LocalCluster(1) as started, open_executor(started.address) as executor:
        done = []

        def stop():
            done.append(len(done))
            if len(done) == 1:
                started.scheduler.kill()

        found = executor.map(eval, f"(__import__('time').sleep(0.2 * number), {ELSEWHERE})[1]",
                             [({'number': number},) for number in range(4)], stop)
        assert executor.problem.code == 'gone'
        assert found.count(own) == 3
        assert done == [0, 1, 2, 3]
        assert executor.map(eval, ELSEWHERE, [({},)]) == [own], "nobody is asked again"


def test_nobody_at_the_address(monkeypatch):
    monkeypatch.setattr(cluster, 'CONNECT', 0.5)
    with open_executor('tcp://127.0.0.1:9') as executor:
        assert executor.problem.code == 'unreachable'
        assert executor.map(max, 2, [(1,), (3,)]) == [2, 3]


def test_a_scheduler_without_workers():
    with LocalCluster(0) as started, open_executor(started.address) as executor:
        assert executor.problem.code == 'idle'


def test_workers_with_other_libraries_are_not_used(running, monkeypatch):
    monkeypatch.setattr(cluster.metadata, 'version', lambda name: '1.0')
    with open_executor(running.address) as executor:
        assert executor.problem.code == 'versions'
        assert "numpy" in executor.problem.detail


def test_the_package_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, 'distributed', None)
    with open_executor('tcp://127.0.0.1:9') as executor:
        assert executor.problem.code == 'missing'
        assert executor.map(max, 2, [(1,), (3,)]) == [2, 3]


def test_distributed_is_not_imported_unless_asked_for():
    program = "import sys; from engine import executors, selection; executors.open_executor('', 2); " \
              "sys.exit('distributed' in sys.modules or 'engine.cluster' in sys.modules)"
    folder = str(Path(executors.__file__).parents[1])
    assert not subprocess.run([sys.executable, '-c', program], env={'PYTHONPATH': folder}).returncode


@pytest.mark.parametrize('where', ['processes', 'cluster'])
def test_a_piece_that_fails_fails_as_it_would_here(where, running):
    executor = Processes(2) if where == 'processes' else open_executor(running.address)
    with executor, pytest.raises(parcels.PieceError, match="ZeroDivisionError"):
        executor.map(divmod, 1, [(0,), (1,)])


def test_what_is_raised_after_a_piece_ends_the_work():
    def stop():
        raise KeyboardInterrupt

    start = time.monotonic()
    with Processes(2) as executor, pytest.raises(KeyboardInterrupt):
        executor.map(eval, "__import__('time').sleep(60 * n)", [({'n': number},) for number in range(3)], stop)
    assert time.monotonic() - start < 30


def test_nobody_learns_the_password_of_the_database(monkeypatch):
    monkeypatch.setenv('PGPASSWORD', "secret")
    with Processes(2) as executor:
        assert executor.map(eval, "__import__('os').environ.get('PGPASSWORD')", [({},)]) == [None]


def test_parcels_carry_the_engine_by_any_name(monkeypatch):
    bought = Purchases.of([1, 2], [3, 4])
    parcel = parcels.pack((selection.try_out, bought)).replace(b'engine', b'abroad')
    function, found = parcels.unpack(parcel)
    assert function is selection.try_out
    assert isinstance(found, Purchases)
    assert found.day.tolist() == [3, 4]


def test_no_executor_is_this_process():
    assert type(open_executor()) is Executor
    assert type(open_executor('', 1)) is Executor
    assert open_executor('', 3).count == 3
