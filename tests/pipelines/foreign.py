"""A pipeline as others write it with the SageMaker SDK: sklearn scripts, their paths fixed to /opt/ml."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

PREPROCESS = """
import argparse, os
import pandas as pd
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--test-size", type=float)
args = parser.parse_args()
rows = pd.read_csv("/opt/ml/processing/input/raw/abalone.csv")
train, test = train_test_split(rows, test_size=args.test_size, random_state=1)
train.to_csv("/opt/ml/processing/train/train.csv", index=False)
test.to_csv("/opt/ml/processing/test/test.csv", index=False)
"""
TRAIN = """
import json, pathlib
import joblib, pandas as pd
from sklearn.linear_model import Ridge

base = pathlib.Path("/opt/ml")
params = json.loads((base / "input/config/hyperparameters.json").read_text())
rows = pd.read_csv(base / "input/data/train/train.csv")
model = Ridge(alpha=float(params["alpha"])).fit(rows.drop(columns="rings"), rows["rings"])
joblib.dump(model, base / "model" / "model.joblib")
"""
EVALUATE = """
import json, tarfile
import joblib, pandas as pd
from sklearn.metrics import mean_squared_error

with tarfile.open("/opt/ml/processing/model/model.tar.gz") as tar:
    tar.extractall("/opt/ml/processing/unpacked", filter="data")
model = joblib.load("/opt/ml/processing/unpacked/model.joblib")
rows = pd.read_csv("/opt/ml/processing/test/test.csv")
mse = mean_squared_error(rows["rings"], model.predict(rows.drop(columns="rings")))
with open("/opt/ml/processing/evaluation/evaluation.json", "w") as out:
    json.dump({"regression_metrics": {"mse": {"value": mse}}}, out)
"""


def write_scripts(folder: Path) -> None:
    """Write the scripts."""
    for name, text in {"preprocess": PREPROCESS, "train": TRAIN, "evaluate": EVALUATE}.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text).lstrip())


def build(folder: Path, session: Any) -> str:
    """Build the definition; the SDK uploads the scripts."""
    from sagemaker.core import shapes
    from sagemaker.core.processing import ScriptProcessor
    from sagemaker.core.training import configs
    from sagemaker.core.workflow.conditions import ConditionLessThanOrEqualTo
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.core.workflow.parameters import ParameterFloat, ParameterString
    from sagemaker.core.workflow.properties import PropertyFile
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep
    from sagemaker.mlops.workflow.model_step import ModelStep
    from sagemaker.mlops.workflow.pipeline import Pipeline
    from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
    from sagemaker.serve.model_builder import ModelBuilder
    from sagemaker.train.model_trainer import ModelTrainer

    role, image = (
        "arn:aws:iam::000000000000:role/some-role",
        "000000000000.dkr.ecr.us-east-1.amazonaws.com/sklearn:1",
    )
    raw = ParameterString("InputData", default_value="s3://foreign/raw")
    threshold = ParameterFloat("MseThreshold", default_value=6.0)
    cache = CacheConfig(enable_caching=True, expire_after="P30D")
    processor = ScriptProcessor(
        image_uri=image,
        command=["python3"],
        instance_type="ml.m5.large",
        instance_count=1,
        role=role,
        sagemaker_session=session,
    )

    def read(name: str, uri: Any) -> Any:
        place = f"/opt/ml/processing/{name}"
        source = shapes.ProcessingS3Input(
            s3_uri=uri, local_path=place, s3_data_type="S3Prefix", s3_input_mode="File"
        )
        return shapes.ProcessingInput(input_name=name.replace("/", "-"), s3_input=source)

    def written(name: str) -> Any:
        target = shapes.ProcessingS3Output(
            s3_uri=f"s3://foreign/out/{name}",
            local_path=f"/opt/ml/processing/{name}",
            s3_upload_mode="EndOfJob",
        )
        return shapes.ProcessingOutput(output_name=name, s3_output=target)

    preprocess = ProcessingStep(
        name="PreprocessAbaloneData",
        step_args=processor.run(
            code=str(folder / "preprocess.py"),
            inputs=[read("input/raw", raw)],
            outputs=[written("train"), written("test")],
            arguments=["--test-size", "0.25"],
        ),
        cache_config=cache,
    )
    outputs = preprocess.properties.ProcessingOutputConfig.Outputs
    trainer = ModelTrainer(
        training_image=image,
        role=role,
        sagemaker_session=session,
        source_code=configs.SourceCode(source_dir=str(folder), entry_script="train.py"),
        compute=configs.Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"alpha": "0.5"},
        output_data_config=configs.OutputDataConfig(s3_output_path="s3://foreign/models"),
        input_data_config=[
            configs.InputData(channel_name="train", data_source=outputs["train"].S3Output.S3Uri)
        ],
    )
    train = TrainingStep(name="TrainAbaloneModel", step_args=trainer.train(), cache_config=cache)
    model = train.properties.ModelArtifacts.S3ModelArtifacts
    report = PropertyFile(name="EvaluationReport", output_name="evaluation", path="evaluation.json")
    evaluate = ProcessingStep(
        name="EvaluateAbaloneModel",
        step_args=processor.run(
            code=str(folder / "evaluate.py"),
            inputs=[read("model", model), read("test", outputs["test"].S3Output.S3Uri)],
            outputs=[written("evaluation")],
        ),
        property_files=[report],
        cache_config=cache,
    )
    builder = ModelBuilder(image_uri=image, s3_model_data_url=model, role_arn=role, sagemaker_session=session)
    register = ModelStep(
        name="RegisterAbaloneModel",
        step_args=builder.register(
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.m5.large"],
            transform_instances=["ml.m5.large"],
            model_package_group_name="abalone",
            approval_status="Approved",
        ),
    )
    mse = JsonGet(step_name=evaluate.name, property_file=report, json_path="regression_metrics.mse.value")
    decide = ConditionStep(
        name="CheckMSE",
        conditions=[ConditionLessThanOrEqualTo(left=mse, right=threshold)],
        if_steps=[register],
        else_steps=[FailStep("Fail", error_message=Join(on=" ", values=["MSE above", threshold]))],
    )
    pipeline = Pipeline(
        name="abalone",
        parameters=[raw, threshold],
        steps=[preprocess, train, evaluate, decide],
        sagemaker_session=session,
    )
    return str(pipeline.definition())
