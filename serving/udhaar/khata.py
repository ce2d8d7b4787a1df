"""Signed statements of a khata, and holding the book against one."""

import base64

from samaan_ml.domain.khata import (
    QR_CHARACTERS,
    ChainLink,
    KhataError,
    differences,
    sign_for_qr,
    sign_statement,
    verify_chain,
    verify_statement,
)
from samaan_ml.domain.ledger import LedgerEntry
from serving.errors import Conflict, InvalidInput, NotFound
from serving.ports.clock import Clock
from serving.ports.statement_signer import StatementSigner
from serving.ports.udhaar import UdhaarStore
from serving.udhaar.contact_schemas import KhataComparison, KhataKey, KhataKeys, SignedKhata


class KhataService:
    """Signs what the book says, after checking that it was not altered."""

    def __init__(self, udhaar: UdhaarStore, signer: StatementSigner, clock: Clock) -> None:
        self._udhaar = udhaar
        self._signer = signer
        self._clock = clock

    def keys(self) -> KhataKeys:
        """Publish the keys."""
        return KhataKeys(
            keys=[
                KhataKey(key_id=key_id, public_key=base64.urlsafe_b64encode(key).rstrip(b"=").decode())
                for key_id, key in self._signer.public_keys().items()
            ]
        )

    def signed(self, shop_id: str, customer_id: str, last: int | None) -> SignedKhata:
        """Sign the khata, with as many entries as a QR code holds or with the number asked for."""
        entries, links = self._checked(shop_id, customer_id)
        if not entries:
            raise Conflict("the khata has no entries; there is nothing to sign", field="customer_id")
        now = self._clock.now()
        if last is None:
            text, shown = sign_for_qr(entries, self._signer, now, links=links)
        else:
            text = sign_statement(entries, self._signer, now, last=last, links=links)
            shown = min(last, len(entries))
        return SignedKhata(
            customer_id=customer_id,
            issued_at=now,
            entries=len(entries),
            shown=shown,
            closing_paise=self._udhaar.customer(shop_id, customer_id).balance_paise,
            head_hash=links[-1].entry_hash,
            key_id=self._signer.key_id,
            statement=text,
            fits_qr=len(text) <= QR_CHARACTERS,
        )

    def compare(self, shop_id: str, customer_id: str, text: str) -> KhataComparison:
        """Hold the book against a statement; the book's own chain is not asked, since it may have been redone."""
        self._udhaar.customer(shop_id, customer_id)
        try:
            held = verify_statement(text, self._signer.public_keys())
        except KhataError as error:
            raise InvalidInput(str(error), field="statement") from None
        if (held.shop_id, held.customer_id) != (shop_id, customer_id):
            raise NotFound("the statement is of another khata", field="statement")
        book = [entry for entry, _ in self._udhaar.khata(shop_id, customer_id)]
        end = held.first_sequence - 1 + len(held.entries)
        return KhataComparison(
            customer_id=customer_id,
            issued_at=held.issued_at,
            closing_paise=held.closing_paise,
            shown=len(held.entries),
            later_entries=max(len(book) - end, 0),
            differences=list(differences(held, book)),
        )

    def _checked(self, shop_id: str, customer_id: str) -> tuple[list[LedgerEntry], list[ChainLink]]:
        """Return a khata whose chain holds."""
        self._udhaar.customer(shop_id, customer_id)
        pairs = self._udhaar.khata(shop_id, customer_id)
        try:
            verify_chain(pairs)
        except KhataError as error:
            raise Conflict(
                f"the khata was altered outside this service: {error}",
                field="customer_id",
                hint="compare the customer's last statement; restore the entries from a backup",
            ) from None
        return [entry for entry, _ in pairs], [link for _, link in pairs]
