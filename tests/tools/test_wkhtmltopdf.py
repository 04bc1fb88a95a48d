"""Printing: the machine's own program, else one set up in the cache, and no obstacle where there is neither."""
import os
import shutil
import subprocess

import pypdf
import pytest

from suite import debian, system, wkhtmltopdf
from suite.ui import Fail

# Not all characters survive: some come back as the radical that looks alike.
PAGE = "<html><head><meta charset='utf-8'></head><body><p>Offer 报价单 報價單</p></body></html>"


def test_chinese_on_paper(tmp_path):
    """What `make run` and `make test` have set up, or the machine has."""
    page, paper = tmp_path / 'page.html', tmp_path / 'page.pdf'
    page.write_text(PAGE)
    program = shutil.which('wkhtmltopdf', path=wkhtmltopdf.search_path())
    assert program, "no wkhtmltopdf: `make test` says at its start why"
    subprocess.run([program, '--quiet', page, paper], check=True)
    text = pypdf.PdfReader(paper).pages[0].extract_text()
    assert text.split() == ['Offer', '报价单', '報價單']


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A machine without wkhtmltopdf, and a cache of its own."""
    root = tmp_path / 'cache' / 'wkhtmltopdf'
    monkeypatch.setenv('PATH', str(tmp_path / 'bin'))
    monkeypatch.setattr(wkhtmltopdf, 'ROOT', root)
    monkeypatch.setattr(wkhtmltopdf, 'LAUNCHERS', root / 'launchers')
    monkeypatch.setattr(system, 'has_chinese_font', lambda: False)
    return tmp_path


def test_own_program_is_used(bare_machine, monkeypatch):
    program = bare_machine / 'bin' / 'wkhtmltopdf'
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setattr(debian, 'available', lambda: pytest.fail("looks further"))
    wkhtmltopdf.prepare()
    assert wkhtmltopdf.search_path().split(os.pathsep)[0] == str(program.parent)


def test_failure_is_told_and_passed_over(bare_machine, monkeypatch, capsys):
    def fail(packages, suites, folder, remedy):
        raise Fail(f"no network for {', '.join(packages)}", remedy)

    monkeypatch.setattr(debian, 'available', lambda: True)
    monkeypatch.setattr(debian, 'unpack_missing', fail)
    wkhtmltopdf.prepare()
    told = capsys.readouterr().out
    assert "no PDF files for now: no network for wkhtmltopdf, fonts-noto-cjk" in told
    assert "sudo apt-get install -y wkhtmltopdf fonts-noto-cjk" in told
    assert not wkhtmltopdf.LAUNCHERS.exists()


def test_other_systems_are_told_what_to_install(bare_machine, monkeypatch, capsys):
    monkeypatch.setattr(debian, 'available', lambda: False)
    monkeypatch.setattr(system, '_root_prefix', lambda: None)
    wkhtmltopdf.prepare()
    told = capsys.readouterr().out
    assert "sudo apt-get install -y --no-install-recommends wkhtmltopdf fonts-noto-cjk" in told
    assert 'Traceback' not in told


def test_program_that_does_not_start_is_not_kept(bare_machine, monkeypatch, capsys):
    def unpack(packages, suites, folder, remedy):
        program = folder / 'usr' / 'bin' / 'wkhtmltopdf'
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\necho 'a library is missing' >&2; exit 127\n")
        program.chmod(0o755)

    monkeypatch.setattr(debian, 'available', lambda: True)
    monkeypatch.setattr(debian, 'unpack_missing', unpack)
    wkhtmltopdf.prepare()
    assert "does not start: a library is missing" in capsys.readouterr().out
    assert not wkhtmltopdf.LAUNCHERS.exists()
