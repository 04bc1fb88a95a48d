"""Several commands at once: who starts when, what is shown, and what a Ctrl-C leaves behind."""
import subprocess
import sys
from contextlib import closing

import pytest

from suite import side_by_side
from suite.side_by_side import Job


@pytest.fixture
def job(tmp_path):
    """Return a function that makes a job of a name and a piece of Python."""
    return lambda name, program: Job(name, [sys.executable, '-c', program], tmp_path / f'{name}.log')


def wait_for(path):
    """A piece of Python that ends when ``path`` exists, or fails."""
    return (
        "import pathlib, time\n"
        f"while not pathlib.Path({str(path)!r}).exists():\n"
        "    time.sleep(0.02)\n"
    )


def touch(path):
    return f"import pathlib; pathlib.Path({str(path)!r}).touch()"


def test_shown_in_order_whoever_ends_first(job, tmp_path, capsys):
    """The first waits for the second, so they must run at once; yet its words come first."""
    jobs = [
        job('slow', f"print('slow begins', flush=True)\n{wait_for(tmp_path / 'flag')}print('slow ends')"),
        job('quick', f"print('quick'); {touch(tmp_path / 'flag')}"),
    ]
    assert [(done.name, done.code) for done in side_by_side.run(jobs, 2)] == [('slow', 0), ('quick', 0)]
    assert capsys.readouterr().out == "slow begins\nslow ends\nquick\n"
    assert all(done.seconds > 0 for done in jobs)


def test_no_more_at_once_than_allowed(job, tmp_path):
    """Each leaves its mark for as long as it runs and looks at those of the others."""
    program = (
        "import pathlib, sys, time\n"
        f"mark = pathlib.Path({str(tmp_path)!r}, sys.argv[0] + str(time.monotonic_ns()) + '.mark')\n"
        "mark.touch(); time.sleep(0.2)\n"
        "print(len(list(mark.parent.glob('*.mark')))); mark.unlink()"
    )
    jobs = [job(f'job{number}', program) for number in range(4)]
    assert not any(done.code for done in side_by_side.run(jobs, 2))
    assert {int(done.log.read_text()) for done in jobs} <= {1, 2}


def test_failure_of_one_stops_no_other(job, capsys):
    jobs = [job('bad', "import sys; print('broken', file=sys.stderr); sys.exit(3)"), job('good', "print('fine')")]
    assert [done.code for done in side_by_side.run(jobs, 1)] == [3, 0]
    assert capsys.readouterr().out == "broken\nfine\n"


def test_interruption_stops_all_that_they_started(job, tmp_path, monkeypatch):
    """One cleans up after itself, the other is deaf and has a child."""
    monkeypatch.setattr(side_by_side, 'PATIENCE_SECONDS', 0.5)
    begun, born, cleaned = (tmp_path / name for name in ('begun', 'born', 'cleaned'))
    kind = job('kind', (
        f"try:\n    {touch(begun)}\n    import time; time.sleep(60)\n"
        f"except KeyboardInterrupt:\n    {touch(cleaned)}"
    ))
    deaf = job('deaf', (
        "import signal, subprocess; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"child = subprocess.Popen(['sleep', '60']); print(child.pid, flush=True); {touch(born)}; child.wait()"
    ))
    first = job('first', wait_for(begun) + wait_for(born))
    with pytest.raises(KeyboardInterrupt), closing(side_by_side.run([first, kind, deaf], 3)) as jobs:
        assert next(jobs).code == 0
        raise KeyboardInterrupt
    assert cleaned.exists()
    assert kind.process.returncode == 0 and deaf.process.returncode < 0
    child = subprocess.run(['ps', '-o', 'stat=', '-p', deaf.log.read_text()], capture_output=True, text=True)
    assert child.stdout[:1] in ('', 'Z'), "the child of a job goes with it"
