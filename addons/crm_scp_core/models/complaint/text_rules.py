"""Search terms of texts in languages with and without spaces: plain functions of strings."""
import re
import unicodedata

#: shorter words of letters say little ("is", "at", "we"); numbers ("50", "3") say a lot
MIN_WORD_LENGTH = 3
# Han (with extension A and the compatibility forms), Hiragana and Katakana: written without spaces
_UNSPACED = '\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff'
_TOKEN = re.compile(rf'[{_UNSPACED}]+|[^\W_{_UNSPACED}]+')
_UNSPACED_TOKEN = re.compile(rf'[{_UNSPACED}]')


def get_terms(text: str | None) -> list[str]:
    """Return the terms of a text in the order they appear, repetitions included.

    Words are lowered and kept whole. Runs of Chinese and Japanese characters, which no space
    divides into words, become their overlapping pairs (bigrams): two texts that share a word of
    two or more characters share a pair, without a dictionary. Full-width forms count as plain ones.

    >>> get_terms("The valve DN-50 leaks")
    ['the', 'valve', '50', 'leaks']
    >>> get_terms("阀门泄漏")
    ['阀门', '门泄', '泄漏']
    """
    terms = []
    for token in _TOKEN.findall(unicodedata.normalize('NFKC', text or '').lower()):
        if _UNSPACED_TOKEN.match(token):
            terms += [token[i:i + 2] for i in range(len(token) - 1)] or [token]
        elif len(token) >= MIN_WORD_LENGTH or token.isdecimal():
            terms.append(token)
    return terms
