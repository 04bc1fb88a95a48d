"""What the headers and the text of a mail tell, without a database."""
import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import parseaddr

from odoo.tools import html2plaintext
from odoo.tools.mimetypes import guess_mimetype

#: subjects of auto-replies of servers that set no header for them
AUTO_REPLY_SUBJECT = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|"
    r"automatische antwort|abwesenheitsnotiz|r[ée]ponse automatique|respuesta autom[áa]tica|"
    r"自动回复|自動回覆)\b",
    re.IGNORECASE,
)
AUTO_REPLY_HEADERS = ('X-Autoreply', 'X-Autorespond', 'X-Autoresponse')
NUMBER = re.compile(r"[\w/.-]*\d[\w/.-]*")
#: the line before the header of a forwarded mail, of common clients and languages
FORWARD_MARK = re.compile(
    r"^\W*(?:-{3,}.*(?:forward|weitergeleitet|transf[ée]r|转发|轉寄).*|"
    r"begin forwarded message:?|-{3,}\s*(?:original message|ursprüngliche nachricht|原始邮件)\s*-{3,})\W*$",
    re.IGNORECASE | re.MULTILINE,
)
FORWARD_FROM = re.compile(r"^\W*(?:from|von|de|发件人|寄件者)\W*[:：]\W*(.+)$", re.IGNORECASE | re.MULTILINE)
FORWARD_HEADER_LINES = 8

#: programs never arrive by mistake under the name of a picture
IMAGE_TYPES = frozenset({'jpg', 'jpeg', 'png', 'gif', 'webp', 'bmp'})
PROGRAM_TYPES = frozenset({'application/x-dosexec', 'application/vnd.microsoft.portable-executable'})
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Forwarded:
    """The mail of somebody else inside a mail."""

    name: str
    email: str
    text: str


@dataclass(frozen=True)
class FilePolicy:
    """Which files are taken.

    :param max_mb: largest size in megabytes, 0 without limit
    :param types: file name endings in lower case, empty for all
    """

    max_mb: int = 0
    types: frozenset[str] = field(default_factory=frozenset)

    def refuse(self, name: str, content: bytes) -> str | None:
        """Return why a file is not taken, None if it is: `size`, `type` or `content`."""
        if self.max_mb and len(content) > self.max_mb * MEGABYTE:
            return 'size'
        ending = name.rpartition('.')[2].lower() if '.' in name else ''
        guessed = guess_mimetype(content, default='application/octet-stream')
        if not ending:
            ending = guessed.rpartition('/')[2]
        if self.types and ending not in self.types:
            return 'type'
        if guessed in PROGRAM_TYPES or content[:2] == b'MZ':
            return 'content'
        if ending in IMAGE_TYPES and not guessed.startswith('image/'):
            return 'content'
        return None


class IncomingMail:
    """A mail on its way to a complaint. Handed on in the context, where only code can put it."""

    def __init__(self, message: EmailMessage):
        self.message = message

    def is_automatic(self) -> bool:
        """Whether no person wrote this mail (RFC 3834, and what servers do beside it)."""
        message = self.message
        return (
            str(message.get('Auto-Submitted') or 'no').split(';')[0].strip().lower() != 'no'
            or str(message.get('Precedence') or '').strip().lower() == 'auto_reply'
            or any(header in message for header in AUTO_REPLY_HEADERS)
            or bool(AUTO_REPLY_SUBJECT.match(str(message.get('Subject') or '')))
        )

    def is_auto_reply(self) -> bool:
        """Whether a program answered a mail, rather than wrote by itself."""
        return self.is_automatic() and (
            str(self.message.get('Auto-Submitted') or '').strip().lower() != 'auto-generated'
            or 'In-Reply-To' in self.message
        )

    def wants_no_answer(self) -> bool:
        """Whether an automatic answer could start a loop or reach a list."""
        message = self.message
        suppress = str(message.get('X-Auto-Response-Suppress') or '').lower()
        return (
            self.is_automatic()
            or str(message.get('Precedence') or '').strip().lower() in ('bulk', 'junk', 'list')
            or 'List-Id' in message
            or any(word in suppress for word in ('all', 'autoreply'))
            or str(message.get('Return-Path') or '').strip() == '<>'
        )

    def get_language(self) -> str:
        """Language the sender declares, such as `de_DE`; empty if none."""
        declared = str(self.message.get('Content-Language') or '')
        return declared.split(',')[0].strip().replace('-', '_')

    def get_forwarded(self, body: str) -> Forwarded | None:
        """Return the mail inside this one: attached, or quoted below a line that says so.

        :param body: HTML of the text of the mail
        """
        for part in self.message.walk():
            if part.get_content_type() == 'message/rfc822' and part.get_payload():
                inner = part.get_payload(0)
                name, email = parseaddr(str(inner.get('From') or ''))
                text = inner.get_body(('plain', 'html')) if isinstance(inner, EmailMessage) else None
                if '@' in email:
                    content = text.get_content() if text else ''
                    is_html = text and text.get_content_subtype() == 'html'
                    return Forwarded(name, email, html2plaintext(content) if is_html else content)
        plain = html2plaintext(body or '')
        if not (mark := FORWARD_MARK.search(plain)):
            return None
        lines = plain[mark.end():].strip('\r\n').splitlines()
        header = '\n'.join(lines[:FORWARD_HEADER_LINES])
        if not (sender := FORWARD_FROM.search(header)):
            return None
        found = re.search(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", sender[1])
        if not found:
            return None
        name = re.sub(r"[<\[(\"*].*$", '', sender[1]).strip(' "*')
        empty = next((i for i, line in enumerate(lines) if not line.strip()), 0)
        return Forwarded(name if '@' not in name else '', found[0], '\n'.join(lines[empty:]).strip())


def find_numbers(text: str) -> list[str]:
    """Return the words with digits in a subject: among them may be numbers of ours."""
    return [word.strip('.-/') for word in NUMBER.findall(text or '')][:20]
