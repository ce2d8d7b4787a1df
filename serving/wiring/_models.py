"""The models, the explainer, the reader of bills, and the stores of their answers."""

from typing import TYPE_CHECKING, assert_never

from serving.ports.alerts import AlertStore
from serving.ports.bill_reader import BillReader
from serving.ports.explainer import Explainer
from serving.ports.forecasts import ForecastStore
from serving.ports.predictor import Predictor
from serving.ports.prices import PriceStore
from serving.ports.recommendations import RecommendationStore
from serving.wiring._part import part

if TYPE_CHECKING:
    from serving.wiring import Wiring


@part
def forecasts(wiring: "Wiring") -> ForecastStore:
    """Forecasts as they were given."""
    from serving.adapters.sql.forecasts import SqlForecastStore

    return SqlForecastStore(wiring.database)


@part
def prices(wiring: "Wiring") -> PriceStore:
    """Price advice and changes."""
    from serving.adapters.sql.prices import SqlPriceStore

    return SqlPriceStore(wiring.database)


@part
def predictor(wiring: "Wiring") -> Predictor:
    """The models."""
    match wiring.settings.predictor:
        case "inprocess":
            from serving.adapters.inprocess_predictor import InProcessPredictor

            return InProcessPredictor(wiring.settings.models_folder)
        case "sagemaker":
            from serving.adapters.sagemaker_predictor import SageMakerPredictor

            return SageMakerPredictor(
                demand_endpoint=wiring.settings.demand_endpoint,
                price_endpoint=wiring.settings.price_endpoint,
                udhaar_endpoint=wiring.settings.udhaar_endpoint,
                region=wiring.settings.aws_region,
                endpoint_url=wiring.settings.aws_endpoint_url,
            )
        case other:
            assert_never(other)


@part
def alerts(wiring: "Wiring") -> AlertStore:
    """Alerts."""
    from serving.adapters.sql.alerts import SqlAlertStore

    return SqlAlertStore(wiring.database)


@part
def recommendations(wiring: "Wiring") -> RecommendationStore:
    """Decisions on recommendations."""
    from serving.adapters.sql.recommendations import SqlRecommendationStore

    return SqlRecommendationStore(wiring.database)


@part
def bill_reader(wiring: "Wiring") -> BillReader:
    """Reading photographs."""
    match wiring.settings.bill_reader:
        case "local":
            from serving.adapters.localocr_bill_reader import local_bill_reader

            return local_bill_reader()
        case "textract":
            from serving.adapters.textract_bill_reader import TextractBillReader, textract_client

            return TextractBillReader(
                textract_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url)
            )
        case other:
            assert_never(other)


@part
def explainer(wiring: "Wiring") -> Explainer:
    """Wording."""
    from serving.adapters.template_explainer import TemplateExplainer

    match wiring.settings.explainer:
        case "template":
            return TemplateExplainer()
        case "bedrock":
            from serving.adapters.bedrock_explainer import (
                BedrockExplainer,
                BedrockOptions,
                bedrock_client,
            )

            return BedrockExplainer(
                bedrock_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url),
                {"fast": wiring.settings.bedrock_fast_models, "smart": wiring.settings.bedrock_smart_models},
                TemplateExplainer(),
                wiring.clock,
                BedrockOptions(daily_tokens=wiring.settings.bedrock_daily_tokens),
            )
        case other:
            assert_never(other)
