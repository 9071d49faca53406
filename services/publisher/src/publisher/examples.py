"""Requests and answers for the OpenAPI document; the tests send them."""

from typing import Any

Words = dict[str, Any]
create_submission: Words = {}
list_submissions: Words = {}
read_submission: Words = {}
replace_submission: Words = {}
act: Words = {}
comment: Words = {}
validate: Words = {}
list_entities: Words = {}
read_entity: Words = {}
list_versions: Words = {}
read_findings: Words = {}
documents: Words = {}
events: Words = {}
graph: Words = {}
imports: Words = {}
