"""What the API needs: one small protocol a file; who provides it is in `serving.adapters`."""

from dataclasses import dataclass

from serving.ports.accounts import AccountStore
from serving.ports.alerts import AlertStore
from serving.ports.api_keys import ApiKeyStore
from serving.ports.approvals import ApprovalStore
from serving.ports.bill_reader import BillReader
from serving.ports.bills import BillStore
from serving.ports.blobs import BlobStore
from serving.ports.cache import Cache
from serving.ports.changes import ChangeFeed, ChangeOutbox
from serving.ports.clock import Clock
from serving.ports.closings import ClosingStore
from serving.ports.code_sender import CodeSender
from serving.ports.explainer import Explainer
from serving.ports.facts import FactStore
from serving.ports.forecasts import ForecastStore
from serving.ports.idempotency import IdempotencyStore
from serving.ports.identity import IdentityProvider
from serving.ports.imports import ImportStore
from serving.ports.invitations import InvitationStore
from serving.ports.items import ItemStore
from serving.ports.jobs import JobStore
from serving.ports.lots import LotStore
from serving.ports.notifier import Notifier
from serving.ports.orders import OrderStore
from serving.ports.outbox import Outbox
from serving.ports.predictor import Predictor
from serving.ports.prices import PriceStore
from serving.ports.rate_limiter import RateLimiter
from serving.ports.recommendations import RecommendationStore
from serving.ports.sales import SalesStore
from serving.ports.sessions import SessionStore
from serving.ports.shop_rows import ShopRows
from serving.ports.sign_in_codes import SignInCodeStore
from serving.ports.sign_in_events import SignInEventStore
from serving.ports.statement_signer import StatementSigner
from serving.ports.stock import StockStore
from serving.ports.suppliers import SupplierStore
from serving.ports.transactions import Transactions
from serving.ports.udhaar import UdhaarStore
from serving.settings import Settings

__all__ = ["Ports"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ports:
    """Everything that services are built from: the settings and one field for each port."""

    settings: Settings
    clock: Clock
    transactions: Transactions
    idempotency: IdempotencyStore
    changes: ChangeFeed
    change_outboxes: tuple[ChangeOutbox, ...]
    facts: FactStore
    accounts: AccountStore
    api_keys: ApiKeyStore
    approvals: ApprovalStore
    sessions: SessionStore
    identity: IdentityProvider
    items: ItemStore
    stock: StockStore
    lots: LotStore
    suppliers: SupplierStore
    invitations: InvitationStore
    orders: OrderStore
    sales: SalesStore
    closings: ClosingStore
    udhaar: UdhaarStore
    shop_rows: tuple[ShopRows, ...]
    statement_signer: StatementSigner
    forecasts: ForecastStore
    prices: PriceStore
    predictor: Predictor
    cache: Cache
    alerts: AlertStore
    outbox: Outbox
    jobs: JobStore
    sign_in_codes: SignInCodeStore
    sign_in_events: SignInEventStore
    code_sender: CodeSender
    notifier: Notifier
    recommendations: RecommendationStore
    bills: BillStore
    imports: ImportStore
    blobs: BlobStore
    bill_reader: BillReader
    explainer: Explainer
    rate_limiter: RateLimiter
