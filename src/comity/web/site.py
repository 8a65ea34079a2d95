"""`comity site`: the workbench as files that anyone can host, to be read and not to be changed.

The pages are those of the application, asked as a browser asks them, beginning at the first and
following their links. What needs the program (a control that recomputes, a search) is taken out
and said; every link that stays leads to a file of the site, relative, so that it can stand in any
folder of any host.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette

from comity.errors import StoreError
from comity.storage import refused, sync_folder

ADDRESS = re.compile(r'\b(href|src)="(/[^"]*)"')
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
LATER = re.compile(r' data-later="[^"]*"| aria-busy="true"')
MARK = ".comity-site"  # lies in a folder that this program wrote and may write again
MOST_FILES = 20_000
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_FORMS = ("json", "csv", "svg", "png", "pdf", "docx", "html", "css", "js", "parquet", "md")


def file_of(address: str) -> str | None:
    """Return the file of the site for an address of the workbench, None where it has none.

    A query stays out of a static site, but for which of a view's charts is meant and which page of
    a long table.

    >>> file_of("/"), file_of("/verdict/us-china-2015"), file_of("/votes.svg?chart=axis")
    ('index.html', 'verdict/us-china-2015/index.html', 'votes.axis.svg')
    >>> file_of("/incidents?page=2"), file_of("/incidents?list=dcid")
    ('incidents/page-2/index.html', None)
    """
    parts = urlsplit(address)
    names = [_plain(unquote(p)) for p in parts.path.strip("/").split("/") if p]
    last = names[-1] if names else ""
    stem, dot, ending = last.rpartition(".")
    form = ending if dot and ending in _FORMS else ""
    more = ""
    if parts.query:
        wanted = re.fullmatch(r"chart=([a-z0-9_-]+)|page=(\d+)", parts.query)
        if wanted is None:
            return None
        more = wanted.group(1) or f"page-{wanted.group(2)}"
    if form:
        name = f"{stem}.{more}.{form}" if more else last
        return "/".join([*names[:-1], name])
    return "/".join([*names, *([more] if more else []), "index.html"])


def _plain(name: str) -> str:
    """Return a part of a path as a file's name: what is odd in it is a hyphen."""
    return _ODD.sub("-", name).strip(".-") or "-"


def relative(target: str, page: str) -> str:
    """Return a file's address as a link from another file of the site.

    >>> relative("static/comity.css", "verdict/q/index.html"), relative("index.html", "index.html")
    ('../../static/comity.css', 'index.html')
    """
    return os.path.relpath(target, PurePosixPath(page).parent).replace(os.sep, "/")


def write_site(
    app: Starlette, folder: Path, note: str, progress: Callable[[str], None] = lambda _: None
) -> int:
    """Write the pages of an application into a folder and return how many files there are.

    `note` stands where a form stood. The folder is replaced whole: a failure leaves what was there.
    Raises StoreError where it cannot be written, or holds what this program did not write.
    """
    folder = folder.absolute()
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is a file: name a folder that does not exist yet.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise StoreError(
            f"{folder} holds files that are no site of Comity's. Nothing was changed; name a "
            "folder that does not exist yet, or is empty."
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            count = asyncio.run(_crawl(app, made, note, progress))
            (made / MARK).write_text("Written by `comity site`; it may be written again.\n")
            made.chmod(0o755)
            _replace(made, folder)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise refused(f"The site at {folder}", error) from error
    return count


def _replace(made: Path, folder: Path) -> None:
    """Put a finished folder in the place of another. Raises OSError."""
    old = None
    if folder.exists():
        old = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.old."))
        folder.rename(old / "site")
    try:
        made.rename(folder)
    except OSError:
        if old is not None:
            (old / "site").rename(folder)
        raise
    sync_folder(folder.parent)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


async def _crawl(app: Starlette, made: Path, note: str, progress: Callable[[str], None]) -> int:
    """Write every page that the first one leads to."""
    waiting = deque(["/", "/static/comity.svg"])
    seen: set[str] = {"index.html"}
    leads: dict[str, set[str]] = {}  # from which pages to a file
    written: set[str] = set()
    while waiting:
        address = waiting.popleft()
        file = file_of(address)
        if file is None or file in written:
            continue
        status, kind, body = await ask(app, address)
        if status != 200:
            if address == "/" or status >= 500:  # what is only not there is a link taken out
                raise StoreError(
                    f"The page {address} could not be made, so no site was written: see the "
                    "program's log."
                )
            continue
        written.add(file)
        if len(written) > MOST_FILES:
            raise StoreError(f"The site would have over {MOST_FILES:,} files.")
        progress(f"{len(written)} files: {address}")
        if kind.startswith("text/html"):
            text, links = static_page(body.decode(), file, note)
            body = text.encode()
            for link in links:
                target = file_of(link) or ""
                leads.setdefault(target, set()).add(file)
                if target not in seen:
                    seen.add(target)
                    waiting.append(link)
        path = made / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    for target in leads.keys() - written:
        for file in leads[target]:
            unlink(made / file, relative(target, file))
    return len(written)


def unlink(page: Path, link: str) -> None:
    """Take a link that leads nowhere out of a written page; its words stay."""
    wanted = re.compile(rf'href="{re.escape(html.escape(link))}(?:#[^"]*)?"')
    page.write_text(wanted.sub('data-needs-program=""', page.read_text("utf-8")), "utf-8")


def static_page(text: str, file: str, note: str) -> tuple[str, list[str]]:
    """Return a page as it stands in a site, and the addresses it leads to."""
    links: list[str] = []

    def point(found: re.Match[str]) -> str:
        address = html.unescape(found.group(2))
        path, _, place = address.partition("#")
        target = file_of(path)
        if target is None:
            return 'data-needs-program=""'
        links.append(path)
        inside = relative(target, file) + (f"#{place}" if place else "")
        return f'{found.group(1)}="{html.escape(inside)}"'

    text = FORM.sub(f'<p class="note">{html.escape(note)}</p>', text)
    text = LATER.sub("", text)
    return ADDRESS.sub(point, text), links


async def ask(app: Starlette, address: str) -> tuple[int, str, bytes]:
    """Return an application's answer to a GET: its status, media type and body."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": unquote(path), "raw_path": path.encode(), "root_path": "",
        "query_string": query.encode(), "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    got: dict[str, object] = {"status": 500, "type": ""}
    parts: list[bytes] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            got["status"] = message["status"]
            headers = dict(message["headers"])  # type: ignore[call-overload]
            got["type"] = headers.get(b"content-type", b"").decode()
        else:
            parts.append(message.get("body", b""))  # type: ignore[arg-type]

    await app(scope, receive, send)  # type: ignore[arg-type]
    return int(str(got["status"])), str(got["type"]), b"".join(parts)
