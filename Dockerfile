# syntax=docker/dockerfile:1
# One image for the pages, the event stream, the worker and its clock; docker-compose.yml says which is which.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements/runtime.lock /tmp/runtime.lock
RUN pip install --require-hashes --only-binary=:all: -r /tmp/runtime.lock
WORKDIR /app
COPY manage.py ./
COPY petition/ petition/
COPY signatures/ signatures/
COPY templates/ templates/
COPY static/ static/
# Catalogues and hashed, compressed static files are made here. The keys are for this step alone: settings ask for
# some, and nothing that is made depends on them.
RUN SECRET_KEY=build LINK_KEY=build FIELD_KEY=build INDEX_KEY=build python manage.py compilecatalogues
RUN SECRET_KEY=build LINK_KEY=build FIELD_KEY=build INDEX_KEY=build python manage.py collectstatic --noinput
RUN python -m compileall -q /opt/venv/lib petition signatures manage.py

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin undersigned
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GRANIAN_HOST=0.0.0.0 GRANIAN_PORT=8000
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"GRANIAN_PORT\"]}/healthz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "2", "--blocking-threads", "4", \
     "--blocking-threads-idle-timeout", "600", "--backlog", "2048", "--respawn-failed-workers", \
     "--workers-kill-timeout", "20", "petition.wsgi:application"]
