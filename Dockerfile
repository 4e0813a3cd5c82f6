# syntax=docker/dockerfile:1

# Two stages of the same base: what builds stays behind, what runs has no installer.
ARG PYTHON=3.13-slim-trixie

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:${PYTHON} AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=0 \
    UV_PROJECT_ENVIRONMENT=/opt/loopkeeper
WORKDIR /src
# Dependencies first: they change less often than our code, and their layer is kept.
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    uv sync --locked --no-default-groups --no-install-project
COPY pyproject.toml uv.lock README.md ./
COPY service service
COPY channels channels
COPY crypto crypto
COPY templates templates
COPY workers workers
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-default-groups --no-editable

FROM python:${PYTHON}
# `loopkeeper backup` and `restore` run pg_dump and pg_restore, of the server's version in compose.yaml.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 loopkeeper \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin loopkeeper
# A volume that is mounted here is made with this owner.
RUN install -d -o 10001 -g 10001 -m 0700 /files
COPY --from=build /opt/loopkeeper /opt/loopkeeper
ENV PATH=/opt/loopkeeper/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /tmp
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["loopkeeper", "healthcheck"]
CMD ["loopkeeper", "serve"]
