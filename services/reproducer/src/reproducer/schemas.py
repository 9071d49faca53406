"""What clients send, and the shapes that are worth a name in the OpenAPI document."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from reproducer.domain.plan.inputs import check_value
from reproducer.domain.states import State, Verdict


class RunRequest(BaseModel):
    """Run an experiment again. ``parameters`` replace those of the experiment, one by one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"experiment": "sst-anomaly-2020"}}
    )

    experiment: str = Field(min_length=1, max_length=300)
    platform: str | None = Field(None, min_length=1, max_length=64)
    parameters: dict[str, Any] = Field(default_factory=dict, max_length=200)

    @field_validator("experiment", "platform", "parameters")
    @classmethod
    def can_be_kept(cls, value: Any) -> Any:
        check_value(value)
        return value


class RunFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    experiment: str | None = Field(None, max_length=300)
    platform: str | None = Field(None, max_length=64)
    state: State | None = None
    verdict: Verdict | None = None
    mine: bool = Field(False, description="Only runs that you started")
    limit: int = Field(20, ge=1, le=100)
    token: str | None = Field(None, description="From the link `next` of a page")


class ReproductionFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    experiment: str | None = Field(None, max_length=300)
    verdict: Verdict | None = None
    limit: int = Field(20, ge=1, le=500)
    after: str | None = Field(None, description="From `next` of a page")


class Platform(BaseModel):
    id: str
    title: str
    kind: Literal["ogc-api-processes", "openeo"]
    url: str
    links: list[dict[str, Any]]
