"""The verdict of `make test`: what each stage counted, and stages that do not exist."""
import pytest

from suite import testing
from suite.ui import Fail


@pytest.mark.parametrize(('line', 'counts'), [
    ("12 passed in 1.06s", "12 passed"),
    ("2 failed, 1044 passed, 852 subtests passed in 894.46s (0:14:54)", "2 failed, 1044 passed, 852 subtests passed"),
    ("  ruff               0.3 s  ok", ""),
])
def test_counts_of_a_stage(tmp_path, line, counts):
    log = tmp_path / 'stage.log'
    log.write_text(f"=== a stage\n...... [100%]\n{line}\n")
    assert testing._counts(log) == counts


def test_verdict_of_a_stage():
    assert testing._verdict('lint', True, 51.6).split() == ['lint', 'passed', '52', 's']
    assert testing._verdict('tools', False, 3, "1 failed").split() == ['tools', 'FAILED', '3', 's', '1', 'failed']


@pytest.mark.parametrize('soak', [False, True])
def test_unknown_stage(soak):
    with pytest.raises(Fail, match="no stage lifecicle") as failure:
        testing.run(['lint', 'lifecicle'], soak=soak)
    assert "choose from: " in failure.value.remedy and "lifecycle" in failure.value.remedy
