# One image for every program: antrean serve, dispatch, work QUEUE. compose.yaml shows how they stand together.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

RUN useradd --system --uid 10001 --home-dir /app antrean \
    && install --directory --owner=antrean /data

# --build-arg PIPER=1: with Piper, a better voice with no internet (docs/suara.md).
ARG PIPER
COPY requirements.txt requirements-piper.txt ./
RUN pip install --require-hashes --no-deps -r requirements.txt ${PIPER:+-r requirements-piper.txt}

COPY . .
RUN pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q -j 0 antrean.py audio commands config demo server workers

USER 10001
ENV ANTREAN_HOST=0.0.0.0 ANTREAN_PORT=8000 ANTREAN_DATA=/data
VOLUME /data
EXPOSE 8000
# Each program of this image has one of its own, see compose.yaml.
HEALTHCHECK NONE
ENTRYPOINT ["antrean"]
CMD ["serve"]
