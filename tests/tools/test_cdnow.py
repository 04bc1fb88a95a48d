"""The CDNOW file: reading it, and finding it."""
import io
import zipfile
from datetime import date

import pytest

from suite import cdnow
from suite.ui import Fail

MASTER = """\
 customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00

 00004 19970101  2   29.33
"""
SAMPLE = """\
 00004 0001 19970101  2   29.33
 00004 0001 19970118  2   29.73
 00021 0002 19970101  3   63.34
"""


def test_master():
    assert cdnow.parse(MASTER.splitlines()) == [
        ('00001', 1, date(1997, 1, 1), 1, 11.77),
        ('00002', 1, date(1997, 1, 12), 1, 12.0),
        ('00002', 2, date(1997, 1, 12), 5, 77.0),
        ('00004', 1, date(1997, 1, 1), 2, 29.33),
    ]


def test_sample_has_the_keys_of_the_master():
    """The number of the customer in the sample is left out: one purchase is the same in both."""
    sample = cdnow.parse(SAMPLE.splitlines())
    assert [purchase.reference for purchase in sample] == [
        'CDNOW/00004/1', 'CDNOW/00004/2', 'CDNOW/00021/1',
    ]
    assert sample[0] == cdnow.parse(MASTER.splitlines())[-1]


@pytest.mark.parametrize('line', [
    '00001 19970101 1', '00001 19971301 1 2.00', '00001 19970101 x 2.00', '00001 19970101 1 $2', 'a b c d e f',
])
def test_bad_line(line):
    with pytest.raises(ValueError, match=r"line 2 is no purchase"):
        cdnow.parse([MASTER.splitlines()[1], line])


def _archive(path, **files):
    with zipfile.ZipFile(path, 'w') as archive:
        for name, text in files.items():
            archive.writestr(f'lifetimes/datasets/CDNOW_{name}.txt', text)
    return path


def test_archive(tmp_path):
    path = _archive(tmp_path / 'lifetimes-1.0-py3-none-any.whl', sample=SAMPLE, master=MASTER)
    assert cdnow.fetch(tmp_path) == path, "nothing is downloaded twice"
    assert len(cdnow.read(path)) == 3
    assert len(cdnow.read(path, full=True)) == 4
    with pytest.raises(Fail, match="does not hold CDNOW_master"):
        cdnow.read(_archive(tmp_path / 'other.whl', sample=SAMPLE), full=True)


def test_no_network(tmp_path, monkeypatch):
    monkeypatch.setenv('PIP_INDEX_URL', 'http://127.0.0.1:9/')
    monkeypatch.setenv('PIP_RETRIES', '0')
    monkeypatch.setenv('PIP_CONFIG_FILE', '/dev/null')
    with pytest.raises(Fail, match="cannot be downloaded") as failure:
        cdnow.fetch(tmp_path)
    assert str(tmp_path) in failure.value.remedy


def test_progress():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    progress = cdnow.Progress(4, stream=stream)
    progress.advance(1)
    progress.advance(3)
    progress.close()
    assert '[#######.......................] 1 of 4 orders' in stream.getvalue()
    assert f"[{'#' * 30}] 4 of 4 orders" in stream.getvalue()
