"""Records as metadata of detached RO-Crates 1.2, workflows by the profile Workflow RO-Crate 1.0.

The vocabulary is that of the crates of runs: CreateAction with instrument, object and result.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from earthcode_common.ogc.datetimes import format_instant

from records_api.representations import agents, places
from records_api.representations.agents import Agent
from records_api.representations.facts import DOI, Facts, Linked, Related, facts
from records_api.representations.format import Context, Format, of_json

SPECIFICATION = "https://w3id.org/ro/crate/1.2"
MEDIA = f'application/ld+json;profile="{SPECIFICATION}"'
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
WORKFLOW = ["SoftwareSourceCode", "ComputationalWorkflow"]
EXECUTABLE = ("application", "jupyter-notebook", "process-graph")
REPOSITORY = ("git", "vcs")
LANGUAGES = {
    "application/x-ipynb+json": "Jupyter Notebook",
    "application/cwl": "Common Workflow Language",
    "application/cwl+json": "Common Workflow Language",
    "application/cwl+yaml": "Common Workflow Language",
    "application/x-argo-workflow-yaml": "Argo Workflows",
}
SUBJECTS = ("theme", "variable", "mission")
Entity = dict[str, Any]


class Crate:
    """The entities of a graph, each once; ``add`` gives the reference to one."""

    def __init__(self) -> None:
        self.entities: dict[str, Entity] = {}

    def add(self, id: str, type: str | list[str], **members: Any) -> Entity:
        said = {name: value for name, value in members.items() if value not in (None, "", [])}
        known = self.entities.setdefault(id, {"@id": id, "@type": type})
        known.update({name: value for name, value in said.items() if name not in known})
        return {"@id": id}


def metadata(said: Facts) -> Entity:
    crate = Crate()
    crate.add(
        "ro-crate-metadata.json",
        "CreativeWork",
        conformsTo={"@id": SPECIFICATION},
        about={"@id": said.here},
    )
    root: Entity = {"@id": said.here, "@type": "Dataset"}
    crate.entities[said.here] = root
    parts = [_file(crate, one) for one in said.links if _is_file(one)]
    if said.kind == "workflow":
        root |= _main(crate, said, parts)
    if action := _action(crate, said):
        root["mentions"] = [action]
    root |= _root(crate, said, parts)
    return {
        "@context": f"{SPECIFICATION}/context",
        "@graph": list(crate.entities.values()),
    }


def _root(crate: Crate, said: Facts, parts: list[Entity]) -> Entity:
    people = [_agent(crate, one) for one in agents.creators(said.agents)]
    publisher = agents.publisher(said.agents)
    published = said.created or said.updated
    members = {
        "name": said.title,
        "description": said.description,
        "url": said.here,
        "identifier": f"{DOI}{said.doi}" if said.doi else said.id,
        "datePublished": published and format_instant(published),
        "dateModified": said.updated and format_instant(said.updated),
        "license": _license(crate, said),
        "keywords": said.keywords,
        "inLanguage": said.language,
        "version": said.version,
        "author": people,
        "publisher": publisher and _agent(crate, publisher),
        "about": [_term(crate, one) for one in said.relatives(*SUBJECTS)],
        "isPartOf": [_other(crate, one) for one in said.relatives("project")],
        "citation": [_work(crate, one) for one in said.linked("publication")],
        "subjectOf": [_work(crate, one) for one in said.linked("document")],
        "relatedLink": [one.href for one in said.links if one.rel in ("via", *REPOSITORY)],
        "hasPart": parts,
        "spatialCoverage": _place(crate, said),
        "temporalCoverage": _period(said),
    }
    return {name: value for name, value in members.items() if value}


def _is_file(one: Linked) -> bool:
    """What can be fetched as a file; a repository or a folder of one cannot."""
    if one.role not in ("data", "code", "input", "environment") or one.rel in ("via", "item"):
        return False
    name = urlsplit(one.href).path.rpartition("/")[2]
    return "." in name and not name.endswith(".git")


def _file(crate: Crate, one: Linked) -> Entity:
    return crate.add(one.href, "File", name=one.title or one.rel, encodingFormat=one.type)


def _main(crate: Crate, said: Facts, parts: list[Entity]) -> Entity:
    """The workflow itself: a file, which the profile asks for, else what there is of its code."""
    code = [one for one in said.linked("code") if one.rel in EXECUTABLE]
    files = [one for one in code if _is_file(one)]
    repository = next((one.href for one in said.linked("code") if one.rel in REPOSITORY), None)
    about = {"name": said.title, "codeRepository": repository, "license": _license(crate, said)}
    about |= {"programmingLanguage": _language(crate, said, (files or code)[:1])}
    if not files:
        return {"mainEntity": crate.add(f"{said.here}#workflow", WORKFLOW, **about)}
    main = crate.entities[files[0].href]
    main |= {"@type": ["File", *WORKFLOW]} | {k: v for k, v in about.items() if v}
    profile = crate.add(WORKFLOW_CRATE, "CreativeWork", name="Workflow RO-Crate", version="1.0")
    return {"mainEntity": {"@id": files[0].href}, "conformsTo": [profile]}


def _language(crate: Crate, said: Facts, code: Iterable[Linked]) -> Entity | None:
    named = [LANGUAGES[one.type] for one in code if one.type in LANGUAGES]
    stated = said.properties.get("application:language")
    listed = stated if isinstance(stated, list) else [stated]
    named += [one for one in listed if isinstance(one, str) and one.strip()]
    if not named:
        return None
    return crate.add("#language", "ComputerLanguage", name=named[0].strip())


def _action(crate: Crate, said: Facts) -> Entity | None:
    """What an experiment or a reproduction is the account of."""
    if said.kind not in ("experiment", "reproduction"):
        return None
    used = [_file(crate, one) for one in said.linked("input", "environment") if _is_file(one)]
    tried = [_other(crate, one) for one in said.relatives("experiment")]
    made = [_other(crate, one) for one in said.relatives("product")]
    is_first = said.kind == "experiment"
    return crate.add(
        f"{said.here}#activity",
        "CreateAction",
        name=said.title,
        description=said.description,
        instrument=[_other(crate, one) for one in said.relatives("workflow")],
        object=used + tried + ([] if is_first else made),
        result=made if is_first else [{"@id": said.here}],
        agent=[_agent(crate, one) for one in agents.creators(said.agents)],
        endTime=format_instant(said.created) if said.created and not is_first else None,
        actionStatus=None if is_first else "http://schema.org/CompletedActionStatus",
    )


def _other(crate: Crate, one: Related) -> Entity:
    types: Mapping[str, Any] = {"workflow": WORKFLOW, "product": "Dataset", "project": "Project"}
    kind = types.get(one.kind, "CreativeWork")
    return crate.add(one.href, kind, name=one.title, identifier=one.id, url=one.href)


def _work(crate: Crate, one: Linked) -> Entity:
    return crate.add(one.href, "CreativeWork", name=one.title or one.href, encodingFormat=one.type)


def _term(crate: Crate, one: Related) -> Entity:
    scheme = one.href.rpartition("/catalogs/")[0]
    return crate.add(
        one.href, "DefinedTerm", name=one.title, termCode=one.id, inDefinedTermSet=scheme
    )


def _agent(crate: Crate, one: Agent) -> Entity:
    email = f"mailto:{one.email}" if one.email else None
    if not one.name:
        return _organization(crate, one.organization, one.ror, url=one.url, email=email)
    employer = _organization(crate, one.organization, one.ror) if one.organization else None
    id = one.orcid or f"#person-{_number(crate, 'Person', one.name)}"
    known = {"affiliation": employer, "email": email, "url": one.url}
    return crate.add(id, "Person", name=one.name, **known)


def _organization(crate: Crate, name: str, ror: str | None, **more: Any) -> Entity:
    id = ror or f"#organization-{_number(crate, 'Organization', name)}"
    return crate.add(id, "Organization", name=name, **more)


def _number(crate: Crate, type: str, name: str) -> int:
    """The place of a name among those of its type: local identifiers that hold no one's name."""
    named = [one["name"] for one in crate.entities.values() if one["@type"] == type]
    return named.index(name) if name in named else len(named)


def _license(crate: Crate, said: Facts) -> Entity:
    """Mandatory in a crate: also when nothing is known, which is said then."""
    if said.license is None:
        return crate.add("#license", "CreativeWork", name="No licence is stated")
    return crate.add(said.license.href or "#license", "CreativeWork", name=said.license.name)


def _place(crate: Crate, said: Facts) -> Entity | None:
    if said.shape is None:
        return None
    west, south, east, north = places.box_of(said.shape)
    box = crate.add("#box", "GeoShape", box=f"{south:.9g} {west:.9g} {north:.9g} {east:.9g}")
    return crate.add("#place", "Place", geo=box)


def _period(said: Facts) -> str:
    """ISO 8601 as schema.org has it: open ends are two dots."""
    if said.interval is None or said.interval == (None, None):
        return ""
    start, end = (format_instant(one) if one else ".." for one in said.interval)
    return start if start == end else f"{start}/{end}"


def render(document: Mapping[str, Any], context: Context) -> bytes:
    found = metadata(facts(document, context.public_url))
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


RECORD = [Format("ro-crate", MEDIA, "RO-Crate 1.2", of_json(render))]
