"""OAI-PMH in the OpenAPI document.

Nothing here is an enumeration or required: the protocol answers wrong arguments with status 200.
"""

from typing import Any

from records_api.domain.harvest import VERBS
from records_api.representations import oai

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
ARGUMENTS = {
    "verb": f"One of {', '.join(VERBS)}",
    "identifier": "Identifier of a record, as headers have it: oai:{host}:{catalogue}/{id}",
    "metadataPrefix": f"One of {', '.join(oai.FORMATS)}",
    "from": "Records changed from then on: YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ",
    "until": "Records changed until then, that day or second included",
    "set": "A set that ListSets names: a catalogue, theme, or theme:{id}",
    "resumptionToken": "Where a list goes on; excludes all other arguments",
}
_XML: Schema = {"text/xml": {"schema": _TEXT}}
_ANSWERS: Schema = {
    "200": {"description": "The answer, or an error of the protocol", "content": _XML},
    "400": {"$ref": "#/components/responses/400"},  # a NUL character in the address
    "500": {"$ref": "#/components/responses/500"},
}


_EMPTY: Schema = _ANSWERS | {"200": {"description": "There is an answer"}}


def _operation(name: str, summary: str, responses: Schema = _ANSWERS) -> Schema:
    about = {"operationId": name, "summary": summary, "tags": ["Records"]}
    return about | {"responses": responses}


_PARAMETERS = [
    {"name": name, "in": "query", "required": False, "description": text, "schema": _TEXT}
    for name, text in ARGUMENTS.items()
]
_FORM: Schema = {
    "type": "object",
    "properties": {name: _TEXT | {"description": text} for name, text in ARGUMENTS.items()},
}
PATHS: Schema = {
    "/records/oai": {
        "get": _operation("harvest", "OAI-PMH 2.0") | {"parameters": _PARAMETERS},
        "head": _operation("harvestHead", "OAI-PMH 2.0", _EMPTY) | {"parameters": _PARAMETERS},
        "post": _operation("harvestByForm", "OAI-PMH 2.0, its arguments as a form")
        | {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": _FORM}}}},
    }
}
