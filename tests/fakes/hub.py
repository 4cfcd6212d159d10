"""A hub in this process: enough of the real one's protocol for huggingface_hub to pull and push.

Written from what the library asks (its `hf_api`, `_commit_api`, `lfs`): repositories with commits,
branches, a list of files with sizes, large files by the LFS batch protocol and handed out from
another path by redirect, commits as lines of JSON, tokens. There is no Xet.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.web_files import Handler, WebFiles

TOKEN = "hf_token_of_the_tests"
LARGE = (".onnx", ".h5", ".safetensors")
_NAME = r"([\w.-]+/[\w.-]+)"


@dataclass
class Repo:
    """Files at each commit, commits by branch."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    private: bool = False
    messages: list[str] = field(default_factory=list)
    extra: list[dict[str, Any]] = field(default_factory=list)
    """Entries of the list of files that nothing stands behind."""

    def commit(self, branch: str, files: dict[str, bytes], message: str = "") -> str:
        oid = hashlib.sha1(f"{branch} {len(self.commits)} {message}".encode()).hexdigest()
        self.commits[oid], self.branches[branch] = files, oid
        self.messages.append(message)
        return oid

    def at(self, revision: str) -> str | None:
        oid = self.branches.get(revision, revision)
        return oid if oid in self.commits else None


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def is_large(name: str) -> bool:
    return name.endswith(LARGE)


def _tags(files: dict[str, bytes]) -> list[str]:
    """What the hub makes of a card's head."""
    card = files.get("README.md", b"").decode("utf-8", "replace")
    tags = [
        t.strip() for line in re.findall(r"^tags: \[(.*)\]", card, re.M) for t in line.split(",")
    ]
    return tags + [f"license:{word}" for word in re.findall(r"^license: (.*)", card, re.M)]


class _Hub(Handler):
    server: Hub

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        path, query = unquote(split.path), parse_qs(split.query)
        if path == "/api/models":
            self._json(self._listed(query))
        elif found := re.fullmatch(rf"/api/models/{_NAME}(?:/revision/(.+))?", path):
            self._info(found[1], found[2] or "main")
        elif found := re.fullmatch(rf"/{_NAME}/resolve/([^/]+)/(.+)", path):
            self._resolve(*found.groups())
        elif found := re.fullmatch(r"/elsewhere/(\w+)/(.+)", path):
            self.answer_file(found[2], self.server.large[found[1]])
        else:
            self.answer(404)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(urlsplit(self.path).path)
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            self._error(401, "Invalid username or password.", "")
        elif path == "/api/repos/create":
            self._create(json.loads(body))
        elif path == "/api/validate-yaml":
            sound = json.loads(body)["content"].startswith("---\nlicense: ")
            errors = [] if sound else [{"message": '"license" is required'}]
            self._json({"errors": errors, "warnings": []}, 200 if sound else 400)
        elif found := re.fullmatch(rf"/api/models/{_NAME}/branch/(.+)", path):
            repo = self.server.repos[found[1]]
            status = 409 if found[2] in repo.branches else 200
            repo.branches.setdefault(found[2], repo.branches["main"])
            self._json({}, status)
        elif re.fullmatch(rf"/api/models/{_NAME}/preupload/.+", path):
            files = [
                {
                    "path": f["path"],
                    "uploadMode": "lfs" if is_large(f["path"]) else "regular",
                    "shouldIgnore": False,
                }
                for f in json.loads(body)["files"]
            ]
            self._json({"files": files})
        elif re.fullmatch(rf"/{_NAME}\.git/info/lfs/objects/batch", path):
            self._batch(json.loads(body))
        elif found := re.fullmatch(rf"/api/models/{_NAME}/commit/(.+)", path):
            self._commit(found[1], found[2], body)
        else:
            self.answer(404)

    def do_PUT(self) -> None:
        data = self._body()
        self.server.large[sha256(data)] = data
        self.server.uploaded.append(len(data))
        self.answer(200)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def _listed(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        rows = []
        for name, repo in self.server.repos.items():
            tags = _tags(repo.commits[repo.branches["main"]])
            wanted = query.get("author", [name.split("/")[0]])[0] == name.split("/")[0]
            wanted &= query.get("search", [""])[0] in name
            if wanted and all(tag in tags for tag in query.get("filter", [])):
                changed = "2026-01-02T03:04:05.000Z"
                rows.append({"id": name, "tags": tags, "lastModified": changed})
        return rows

    def _visible(self, name: str) -> Repo | None:
        repo = self.server.repos.get(name)
        is_known = self.headers.get("authorization") == f"Bearer {TOKEN}"
        if repo is None or (repo.private and not is_known):
            self._error(404 if is_known else 401, "Repository not found", "RepoNotFound")
            return None
        return repo

    def _info(self, name: str, revision: str) -> None:
        repo = self._visible(name)
        if repo is None:
            return
        oid = repo.at(revision)
        if oid is None:
            self._error(404, f"Invalid rev id: {revision}", "RevisionNotFound")
            return
        siblings = []
        for path, data in repo.commits[oid].items():
            entry: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": "0" * 40}
            if is_large(path):
                entry["lfs"] = {"sha256": sha256(data), "size": len(data), "pointerSize": 130}
            siblings.append(entry)
        told = {"id": name, "sha": oid, "tags": _tags(repo.commits[oid])}
        self._json(told | {"siblings": siblings + repo.extra})

    def _resolve(self, name: str, revision: str, path: str) -> None:
        repo = self._visible(name)
        if repo is None:
            return
        oid = repo.at(revision)
        files = repo.commits[oid] if oid else {}
        if path not in files:
            code = "EntryNotFound" if oid else "RevisionNotFound"
            self._error(404, "Entry not found", code)
            return
        data = files[path]
        headers = {"X-Repo-Commit": str(oid), "ETag": f'"{hashlib.sha1(data).hexdigest()}"'}
        if not is_large(path):
            self.answer_file(path, data, headers)
            return
        self.server.large[sha256(data)] = data
        headers["X-Linked-Etag"], headers["X-Linked-Size"] = f'"{sha256(data)}"', str(len(data))
        headers["Location"] = f"{self.server.url}/elsewhere/{sha256(data)}/{path}"
        self.answer(302, headers=headers)

    def _create(self, wanted: dict[str, Any]) -> None:
        name = f"{wanted.get('organization') or 'me'}/{wanted['name']}"
        status = 409 if name in self.server.repos else 200
        if status == 200:
            self.server.add(name, {".gitattributes": b"*.onnx filter=lfs\n"})
            self.server.repos[name].private = wanted.get("visibility") == "private"
        self._json({"url": f"{self.server.url}/{name}", "error": "exists already"}, status)

    def _batch(self, wanted: dict[str, Any]) -> None:
        objects = []
        for item in wanted["objects"]:
            upload = {"href": f"{self.server.url}/upload/{item['oid']}"}
            known = item["oid"] in self.server.large
            objects.append(item if known else item | {"actions": {"upload": upload}})
        self._json({"transfer": "basic", "objects": objects})

    def _commit(self, name: str, branch: str, body: bytes) -> None:
        repo = self.server.repos[name]
        lines = [json.loads(line) for line in body.splitlines()]
        files = dict(repo.commits[repo.branches[branch]])
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.server.large[value["oid"]]
            else:
                assert line["key"] == "deletedFile"
                del files[value["path"]]
        oid = repo.commit(branch, files, lines[0]["value"]["summary"])
        self._json({"commitOid": oid, "commitUrl": f"{self.server.url}/{name}/commit/{oid}"})

    def _json(self, value: Any, status: int = 200) -> None:
        self.answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _error(self, status: int, message: str, code: str) -> None:
        headers = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self.answer(status, json.dumps({"error": message}).encode(), headers)


class Hub(WebFiles):
    """A hub while it is open; `HF_ENDPOINT` is to be its `url`."""

    def __init__(self) -> None:
        super().__init__(Path("/nonexistent"), _Hub)
        self.repos: dict[str, Repo] = {}
        self.large: dict[str, bytes] = {}
        self.uploaded: list[int] = []

    def add(self, name: str, files: dict[str, bytes], branch: str = "main") -> str:
        """A commit with these files on a branch of a repository, which is made if need be."""
        return self.repos.setdefault(name, Repo()).commit(branch, files, "by hand")

    def add_folder(self, name: str, folder: Path) -> str:
        """The same with the files of a folder."""
        return self.add(
            name,
            {
                str(path.relative_to(folder)): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            },
        )

    def files(self, name: str, branch: str = "main") -> dict[str, bytes]:
        """What is there now."""
        repo = self.repos[name]
        return repo.commits[repo.branches[branch]]
