"""`earthcode demo`: the main job, from a platform's push to two reproduced experiments.

Everything goes over HTTP through the gateway, as a platform, a steward and a reader would do it.
Services may be restarted meanwhile: what is unsure is asked again, and nothing is done twice.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import click
from rich.markup import escape

from earthcode_local import sample
from earthcode_local.api import Api, Refused, console
from earthcode_local.deployment import api_as, public_url
from earthcode_local.sample_data import made_by_the_platform

PATIENCE = 180.0
THEME = {
    "type": "Catalog",
    "id": "oceans",
    "stac_version": "1.0.0",
    "title": "Oceans",
    "description": "Oceans: their surface, their depths and their life.",
    "links": [],
}
OPEN = ("draft", "checking", "in_review", "approved", "publishing", "publish_failed")
DONE = ("done", "failed", "cancelled", "lost")


@click.command(help=__doc__)
def demo() -> None:
    try:
        Demo().play()
    except (Refused, Unexpected) as error:
        console.print(f"\n[red]{escape(str(error))}[/]")
        sys.exit(1)


class Unexpected(Exception):
    """A step did not end as it must."""


class Demo:
    def __init__(self) -> None:
        self.platform = api_as("platform")
        self.steward = api_as("steward")
        self.reader = Api(public_url())
        self.number = 0

    def play(self) -> None:
        data = self.make_data()
        bundle = self.assemble(data)
        self.validate(bundle["submission"])
        submission = self.push(bundle["submission"])
        self.review(submission)
        self.add_items(bundle["items"])
        self.find()
        verdicts = {case.product: self.reproduce(case) for case in sample.CASES}
        self.conclude(verdicts)

    def make_data(self) -> dict[str, bytes]:
        self.step("The platform computes two products with its own process")
        endpoint = self.endpoint()
        data = {}
        for execution in sample.executions():
            data[execution.product] = made_by_the_platform(endpoint, execution)
            size = len(data[execution.product])
            inputs = json.dumps(execution.inputs)
            self.say(f"{execution.process} {inputs} → {execution.product}, {size:,} bytes")
        return data

    def endpoint(self) -> str:
        platforms = self.reader.get("/reproduce/platforms").json()["platforms"]
        return str(next(p["url"] for p in platforms if p["id"] == sample.PLATFORM))

    def assemble(self, data: dict[str, bytes]) -> dict[str, Any]:
        bundle = sample.bundle(self.endpoint(), data, public_url=self.reader.url)
        for member in bundle["submission"]["members"]:
            stamp(member["document"])
        if not self.there("/publish/entities/theme/oceans"):
            theme = {"kind": "theme", "document": THEME, "attachments": []}
            bundle["submission"]["members"].insert(0, theme)
        return bundle

    def validate(self, submission: dict[str, Any]) -> None:
        self.step("Anyone may have a bundle checked before pushing it (no login)")
        answer = self.reader.post("/publish/validate", json=submission).json()
        self.say(f"valid: {answer['valid']}, {len(answer['findings'])} findings")
        if not answer["valid"]:
            raise Unexpected(json.dumps(answer["findings"], indent=1))

    def push(self, submission: dict[str, Any]) -> dict[str, Any]:
        self.step("The platform pushes a project, a workflow, two experiments and their products")
        made = self.platform.once("/publish/submissions", json=submission).json()
        self.say(f"submission {made['id']}: {made['state']}, revision {made['revision'][:16]}…")
        path = self.submission_path(made)
        self.act(self.platform, path, "submit", lambda s: s["state"] != "draft")
        found = self.wait(self.platform, path, lambda s: s["state"] not in ("draft", "checking"))
        self.say(f"checked: {found['state']}, {len(found['findings'])} findings")
        if found["state"] != "in_review":
            raise Unexpected(f"{path} is {found['state']}: {json.dumps(found['findings'])}")
        return found

    def review(self, submission: dict[str, Any]) -> None:
        self.step("The steward approves exactly the revision that was seen")
        path = self.submission_path(submission)
        seen = self.steward.get(path).json()
        body = {"revision": seen["revision"], "comment": "Complete and clear."}
        self.act(self.steward, path, "approve", lambda s: s["state"] != "in_review", body)
        found = self.wait(self.steward, path, lambda s: s["state"] not in OPEN)
        self.say(f"{found['state']}: every projection has confirmed")
        self.show(path, '(needs -H "Authorization: Bearer $(earthcode token --as steward)")')
        if found["state"] != "published":
            raise Unexpected(f"{path} ended as {found['state']}")

    def add_items(self, items: dict[str, list[dict[str, Any]]]) -> None:
        self.step("The platform describes the products' files as STAC Items")
        for product, features in items.items():
            for item in features:
                path = f"/stac/collections/{quote(product)}/items/{quote(item['id'])}"
                self.patiently(partial(self.put_item, path, item))
                self.show(path, item["assets"][sample.OUTPUT]["file:checksum"][:24] + "…")

    def put_item(self, path: str, item: dict[str, Any]) -> bool:
        if self.there(path):
            headers = {"If-Match": self.reader.get(path).headers["etag"]}
            self.platform("PUT", path, json=item, headers=headers)
        else:
            self.platform.post(path.rpartition("/")[0], json=item)
        return True

    def find(self) -> None:
        self.step("Everybody finds them: STAC and OGC API Records")
        body = {"collections": [case.product for case in sample.CASES], "limit": 10}
        found = self.reader.ask("/stac/search", json=body).json()
        self.say(f"POST /stac/search → {[item['id'] for item in found['features']]}")
        for collection, key in self.records():
            path = f"/records/collections/{collection}/items/{quote(key)}"
            self.show(path, self.reader.get(path).json()["properties"]["title"])

    def records(self) -> list[tuple[str, str]]:
        experiments = [("experiments", case.experiment) for case in sample.CASES]
        return [("workflows", sample.WORKFLOW), *experiments]

    def reproduce(self, case: sample.Case) -> str:
        self.step(f"{case.experiment} is run again")
        plan = self.reader.get(f"/reproduce/experiments/{quote(case.experiment)}/plan").json()
        if not plan["executable"]:
            raise Unexpected(json.dumps(plan["reasons"], indent=1))
        self.say(f"plan: {plan['kind']}, process {plan['process']}, inputs {plan['inputs']}")
        run = self.platform.once("/reproduce/runs", json={"experiment": case.experiment}).json()
        path = f"/reproduce/runs/{run['id']}"
        ended = self.wait(self.reader, path, lambda r: r["state"] in DONE, tell=True)
        if ended["state"] != "done":
            raise Unexpected(f"{path} ended as {ended['state']}: {json.dumps(ended)[:2000]}")
        colour = "green" if ended["verdict"] == "identical" else "yellow"
        self.say(f"verdict: [bold {colour}]{ended['verdict']}[/]", markup=True)
        self.figures(path)
        for part in ("", "/results", "/report", "/crate"):
            self.show(path + part, "")
        self.show_record(run["id"])
        return str(ended["verdict"])

    def figures(self, path: str) -> None:
        for output in self.reader.get(f"{path}/report").json()["outputs"]:
            for variable in output["variables"]:
                self.say(f"  {output['name']} {variable['name']}: {figures(variable)}")

    def show_record(self, run: str) -> None:
        path = f"/records/collections/reproductions/items/{quote(run)}"
        self.patiently(lambda: self.there(path) or None)
        self.show(path, "the reproduction as a record, linked from experiment and product")

    def conclude(self, verdicts: dict[str, str]) -> None:
        console.print()
        for product, verdict in verdicts.items():
            console.print(f"  {product}: {verdict}")
        wanted = [("identical" if not case.made_with else "different") for case in sample.CASES]
        if list(verdicts.values()) != wanted:
            raise Unexpected(f"expected {wanted}")
        console.print("\nThe first product is what its experiment gives; the second was changed.")

    # What follows is how, not what.

    def step(self, text: str) -> None:
        self.number += 1
        console.print(f"\n[bold cyan]{self.number}[/] [bold]{escape(text)}[/]")

    def say(self, text: str, *, markup: bool = False) -> None:
        console.print(f"  {text}" if markup else f"  {escape(text)}", soft_wrap=True)

    def show(self, path: str, note: str) -> None:
        console.print(f"  {escape(self.reader.url + path)} [dim]{escape(note)}[/]", soft_wrap=True)

    def submission_path(self, submission: dict[str, Any]) -> str:
        return f"/publish/submissions/{submission['id']}"

    def there(self, path: str) -> bool:
        return self.reader.found(path)

    def act(
        self,
        api: Api,
        path: str,
        action: str,
        done: Callable[[dict[str, Any]], bool],
        body: dict[str, Any] | None = None,
    ) -> None:
        """Take the action unless it was taken already, when an answer got lost."""

        def attempt() -> bool | None:
            if done(api.get(path).json()):
                return True
            api.post(f"{path}/actions/{action}", json=body or {})
            return True

        self.patiently(attempt)

    def wait(
        self,
        api: Api,
        path: str,
        ready: Callable[[dict[str, Any]], bool],
        *,
        tell: bool = False,
    ) -> dict[str, Any]:
        last = ""

        def look() -> dict[str, Any] | None:
            nonlocal last
            found: dict[str, Any] = api.get(path).json()
            if tell and found["state"] != last:
                last = found["state"]
                self.say(f"{last} …")
            return found if ready(found) else None

        waited: dict[str, Any] = self.patiently(look)
        return waited

    def patiently(self, attempt: Callable[[], Any]) -> Any:
        """What ``attempt`` gives once it is not None; services may be away meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = attempt()
            except Refused as refusal:
                if not refusal.passing or time.monotonic() > deadline:
                    raise
            else:
                if found is not None:
                    return found
            if time.monotonic() > deadline:
                raise Unexpected(f"nothing came of it within {PATIENCE:.0f} seconds")
            time.sleep(0.2)


def stamp(document: dict[str, Any]) -> None:
    """Each demonstration publishes a version of its own: unchanged documents would stay."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    document.get("properties", document)["updated"] = now


def figures(variable: dict[str, Any]) -> str:
    """One line of what was measured; coordinates and variables without values say only how."""
    found = variable["figures"]
    if not found["outside"]:
        return str(variable["verdict"])
    return (
        f"{variable['verdict']}, {found['outside_percent']:.3g} % of {found['cells']:,} cells"
        f" outside tolerance; bias {found['bias']:.4g}, RMSE {found['rmse']:.4g}, largest"
        f" difference {found['max_abs']:.4g}, correlation {found['correlation']:.4g}"
    )
