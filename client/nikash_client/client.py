"""The client: what researchers, annotators and admins do most, and `ask` for everything else."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from nikash_client.errors import JobFailed
from nikash_client.transport import Transport
from nikash_client.types import Campaign, Job, Loaded, Next, Rating, Saved

ACCEPTED = 202  # a job does it


class Client:
    """Nikash at an address, as the person whose token it is.

    address : say https://nikash.example.org
    token : made on the page Tokens; nik_...
    retries : how often a request that was lost is sent again
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        retries: int = 4,
        timeout: float = 60.0,
        http: httpx.Client | None = None,
    ) -> None:
        self._transport = Transport(address, token, retries=retries, timeout=timeout, http=http)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def ask(
        self,
        method: str,
        where: str,
        body: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Any:
        """Any address under /api/v1/, its answer as JSON; None where there is none."""
        response = self._transport.ask(method, where, params=params or None, body=body)
        return response.json() if response.content else None

    def rows(self, where: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Every row of any list, page after page."""
        return self._transport.pages(where, params or None)

    def me(self) -> dict[str, Any]:
        """Who the token belongs to."""
        found: dict[str, Any] = self.ask("GET", "me/")
        return found

    def campaigns(self, **filters: Any) -> Iterator[Campaign]:
        """Those whose results one may read, newest first."""
        return (Campaign.read(row) for row in self.rows("campaigns/", **filters))

    def campaign(self, pk: int) -> Campaign:
        return Campaign.read(self.ask("GET", f"campaigns/{pk}/"))

    def make_campaign(
        self, *, name: str, dataset: int, protocol: str, systems: list[int], **options: Any
    ) -> Campaign:
        """A draft; `options` are the further fields of the page's form."""
        body = {"name": name, "dataset": dataset, "protocol": protocol, "systems": systems}
        return Campaign.read(self.ask("POST", "campaigns/", body | options))

    def add_member(self, campaign: int, username: str, role: str = "annotator") -> None:
        self.ask("POST", f"campaigns/{campaign}/members/", {"username": username, "role": role})

    def open_campaign(self, campaign: int, *, despite_leaks: bool = False) -> Campaign:
        """Refused where outputs give systems away, unless `despite_leaks`."""
        body = {"despite_leaks": despite_leaks}
        return Campaign.read(self.ask("POST", f"campaigns/{campaign}/open/", body))

    def close_campaign(self, campaign: int) -> Campaign:
        return Campaign.read(self.ask("POST", f"campaigns/{campaign}/close/", {}))

    def live(self, campaign: int) -> dict[str, Any]:
        """How far a campaign that runs is."""
        found: dict[str, Any] = self.ask("GET", f"campaigns/{campaign}/live/")
        return found

    def ratings(self, campaign: int, **filters: Any) -> Iterator[Rating]:
        """Every rating, streamed, oldest first."""
        lines = self._transport.lines(f"campaigns/{campaign}/ratings.ndjson/", filters or None)
        return (Rating.read(json.loads(line)) for line in lines)

    def export(self, campaign: int, format: str, path: str | Path) -> Path:
        """The ratings in a format, as a .zip at `path`."""
        found = self._transport.ask("GET", f"campaigns/{campaign}/exports/{format}/")
        target = Path(path)
        target.write_bytes(found.content)
        return target

    def load(
        self,
        where: str,
        path: str | Path,
        *,
        dry_run: bool = False,
        every: float = 2,
        **fields: str,
    ) -> Loaded:
        """Load a file and wait until it is stored, all of it. Raises JobFailed for a bad big one.

        where : datasets/load/, outputs/load/, ratings/load/, corpora/load/ and so on
        fields : those of the page's form
        """
        form = {**fields, "dry_run": "true" if dry_run else "false"}
        with Path(path).open("rb") as file:
            response = self._transport.ask("POST", where, form=form, files={"file": file})
        found = response.json()
        if response.status_code == ACCEPTED:
            self.wait("upload", found["id"], every=every)
            found = self.ask("GET", f"uploads/{found['id']}/")["loaded"]
        return Loaded.read(found)

    def next_item(self, campaign: int) -> Next:
        """The item one holds, or the next one."""
        return Next.read(self.ask("POST", f"work/{campaign}/next/", {}))

    def save(
        self,
        item: int,
        answer: Mapping[str, str],
        *,
        sequence: int = 1,
        key: uuid.UUID | None = None,
        **more: Any,
    ) -> Saved:
        """Save an answer and bring the next item; the same key again is stored once."""
        body = {"key": str(key or uuid.uuid4()), "sequence": sequence, "answer": dict(answer)}
        return Saved.read(self.ask("POST", f"work/items/{item}/", body | more))

    def job(self, kind: str, pk: int) -> Job:
        """kind : generation, training, scoring, report, package, study and so on."""
        return Job.read(self.ask("GET", f"jobs/{kind}/{pk}/"))

    def cancel(self, kind: str, pk: int) -> Job:
        return Job.read(self.ask("POST", f"jobs/{kind}/{pk}/cancel/", {}))

    def resume(self, kind: str, pk: int) -> Job:
        return Job.read(self.ask("POST", f"jobs/{kind}/{pk}/resume/", {}))

    def wait(self, kind: str, pk: int, *, seconds: float = 3600, every: float = 2) -> Job:
        """The finished job. Raises JobFailed, and TimeoutError after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            job = self.job(kind, pk)
            if job.state == "done":
                return job
            if job.finished:
                raise JobFailed(job.state, job.error)
            if time.monotonic() > end:
                raise TimeoutError(f"{kind} {pk} is not finished after {seconds:g} s")
            time.sleep(every)

    def report(self, campaign: int, *, with_excluded: bool = False, every: float = 2) -> Any:
        """The report of the data as they are, made where it is not there; report.json."""
        where, body = f"campaigns/{campaign}/report/", {"with_excluded": with_excluded}
        run = self.ask("POST", where, body)
        self.wait("report", run["id"], every=every)
        return self.ask("GET", f"{where}json/", with_excluded="1" if with_excluded else "0")
