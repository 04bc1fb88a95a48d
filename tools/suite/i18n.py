"""``make i18n``: the terms of the addons exported, merged into each translation, and counted."""
import polib

from suite.paths import ADDONS, ADDONS_DIR
from suite.ui import say, step

LANGUAGES = ('zh_CN', 'zh_TW')
VOLATILE_HEADERS = ('POT-Creation-Date', 'PO-Revision-Date', 'Last-Translator', 'Language-Team')


def run():
    """Export and merge; 1 when a term is untranslated or fuzzy, else 0."""
    from suite import database, testing

    session = testing.Session(soak=False)
    with session.database_with(database.ALL_DEPENDENCIES, ADDONS) as name, step("Exporting the terms"):
        session.workplace.run(name, *ADDONS, subcommand=['i18n', 'export'], log='i18n')
    missing = [problem for addon in ADDONS for problem in _merge(ADDONS_DIR / addon / 'i18n', addon)]
    for problem in missing:
        say(problem)
    say(f"{len(missing)} terms to translate" if missing else "every term is translated")
    return 1 if missing else 0


def _merge(folder, addon):
    """Bring the translations of one addon up to its exported terms; yield what is missing."""
    terms = polib.pofile(folder / f'{addon}.pot', wrapwidth=100)
    _settle(terms)
    terms.save()
    for language in LANGUAGES:
        path = folder / f'{language}.po'
        translation = polib.pofile(path, wrapwidth=100) if path.exists() else polib.POFile(wrapwidth=100)
        translation.metadata = {**terms.metadata, 'Language': language, 'Plural-Forms': 'nplurals=1; plural=0;'}
        translation.merge(terms)
        for entry in translation.obsolete_entries():
            translation.remove(entry)
        translation.sort(key=lambda entry: entry.msgid)
        translation.save(path)
        for entry in translation:
            if not entry.msgstr or entry.fuzzy:
                yield f"{path.parent.parent.name} {language}: {entry.msgid!r}"


def _settle(terms):
    # a date in a header would make every export a change
    for header in VOLATILE_HEADERS:
        terms.metadata.pop(header, None)
