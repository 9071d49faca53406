# One image per service:
#   docker build --build-arg SERVICE=publisher -t earthcode/publisher:0.1.0 .
# and of the Processes platform:
#   docker build --build-arg SERVICE=processes --build-arg FOLDER=platforms/processes ...
# For a build that never changes, give PYTHON by digest (python@sha256:...).
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
ARG SERVICE=catalog-api
ARG FOLDER=services/${SERVICE}
# A mirror of PyPI, where the build cannot reach PyPI itself.
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
RUN pip install --no-cache-dir uv==0.13.8 && python -m venv --without-pip /opt/earthcode
WORKDIR /src
COPY requirements.lock ./
COPY libs/common libs/common
COPY ${FOLDER} ${FOLDER}
# The lock holds every package of the workspace. As constraints it gives the versions, and the
# hashes that uv checks, of those that this service needs.
RUN uv pip install --no-cache --no-sources --compile-bytecode --link-mode=copy \
    --python /opt/earthcode/bin/python --constraint requirements.lock ./libs/common "./${FOLDER}"

FROM ${PYTHON}
ARG SERVICE=catalog-api
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="earthcode/${SERVICE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
# rasterio's wheel takes expat from the system.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libexpat1 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/earthcode /opt/earthcode
COPY LICENSE /usr/share/doc/earthcode/LICENSE
# The root file system is read-only in the cluster: /tmp is the one place to write.
ENV PATH=/opt/earthcode/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
# docker run earthcode/publisher publisher serve --host 0.0.0.0
ENTRYPOINT ["python", "-m"]
