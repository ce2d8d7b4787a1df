"""The training pipelines: one definition each, two runners (SageMaker and `pipelines.local`)."""
