# The one image of every job and endpoint: `samaan train prepare|fit|evaluate|check|gate|requests|serve`.
# SageMaker starts jobs with the command of the pipeline's definition, and endpoints with `serve`.
#
#   docker build --build-arg COMMIT=$(git rev-parse HEAD) -t samaan-sathi:0.1.0 .
FROM python:3.11-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY samaan samaan
COPY samaan_ml samaan_ml
COPY training training
COPY pipelines pipelines
COPY serving serving
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim-bookworm
# LightGBM's library needs OpenMP, which the slim image leaves out.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/training.txt /tmp/training.txt
RUN pip install --no-cache-dir --require-hashes --no-deps -r /tmp/training.txt && rm /tmp/training.txt
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-deps /wheels/*.whl && rm -r /wheels
ARG COMMIT=
ENV SAMAAN_COMMIT=${COMMIT} \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/opt/numba \
    NUMBA_CPU_NAME=generic \
    MLFLOW_DISABLE_TELEMETRY=true
# Kernels for any processor, compiled once here: an endpoint would spend its first twenty seconds on them.
RUN python -m training.warm_up
EXPOSE 8080
LABEL com.amazonaws.sagemaker.capabilities.multi-models=true \
      com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
ENTRYPOINT ["samaan", "train"]
CMD ["serve"]
