"""Accounts, sign-in and messages to people."""

from typing import TYPE_CHECKING, assert_never

from serving.ports.accounts import AccountStore
from serving.ports.api_keys import ApiKeyStore
from serving.ports.approvals import ApprovalStore
from serving.ports.code_sender import CodeSender
from serving.ports.identity import IdentityProvider
from serving.ports.invitations import InvitationStore
from serving.ports.notifier import Notifier
from serving.ports.sessions import SessionStore
from serving.ports.sign_in_codes import SignInCodeStore
from serving.ports.sign_in_events import SignInEventStore
from serving.ports.statement_signer import StatementSigner
from serving.wiring._part import part
from serving.wiring._shared import dynamo_table

if TYPE_CHECKING:
    from serving.wiring import Wiring


@part
def accounts(wiring: "Wiring") -> AccountStore:
    """People, shops, memberships."""
    from serving.adapters.sql.accounts import SqlAccountStore

    return SqlAccountStore(wiring.database)


@part
def api_keys(wiring: "Wiring") -> ApiKeyStore:
    """Keys of other programs."""
    from serving.adapters.sql.api_keys import SqlApiKeyStore

    return SqlApiKeyStore(wiring.database)


@part
def approvals(wiring: "Wiring") -> ApprovalStore:
    """Owners' words for what staff may not do alone."""
    from serving.adapters.sql.approvals import SqlApprovalStore

    return SqlApprovalStore(wiring.database)


@part
def invitations(wiring: "Wiring") -> InvitationStore:
    """Roles offered to people."""
    from serving.adapters.sql.invitations import SqlInvitationStore

    return SqlInvitationStore(wiring.database)


@part
def sessions(wiring: "Wiring") -> SessionStore:
    """Signed-in devices."""
    match wiring.settings.session_store:
        case "sql":
            from serving.adapters.sql.sessions import SqlSessionStore

            return SqlSessionStore(wiring.database)
        case "dynamodb":
            from serving.adapters.dynamodb.sessions import DynamoSessionStore

            return DynamoSessionStore(dynamo_table(wiring, wiring.settings.sessions_table))
        case other:
            assert_never(other)


@part
def identity(wiring: "Wiring") -> IdentityProvider:
    """Who is calling."""
    match wiring.settings.identity:
        case "local":
            from serving.adapters.local_identity import LocalIdentity, TokenRules

            rules = TokenRules(
                wiring.settings.token_issuer,
                wiring.settings.token_audience,
                wiring.settings.access_token_minutes,
                wiring.settings.refresh_token_days,
            )
            return LocalIdentity(
                wiring.accounts, wiring.sessions, wiring.clock, wiring.settings.keys_folder, rules
            )
        case "cognito":
            from serving.adapters.cognito_identity import CognitoIdentity, cognito_client

            return CognitoIdentity(
                wiring.accounts,
                wiring.clock,
                cognito_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url),
                wiring.settings.required("cognito_pool_id"),
                wiring.settings.required("cognito_client_id"),
                wiring.settings.aws_region,
            )
        case other:
            assert_never(other)


@part
def sign_in_codes(wiring: "Wiring") -> SignInCodeStore:
    """Codes sent to phones."""
    from serving.adapters.sql.sign_in_codes import SqlSignInCodeStore

    return SqlSignInCodeStore(wiring.database)


@part
def sign_in_events(wiring: "Wiring") -> SignInEventStore:
    """Who signed in."""
    from serving.adapters.sql.sign_in_events import SqlSignInEventStore

    return SqlSignInEventStore(wiring.database)


@part
def code_sender(wiring: "Wiring") -> CodeSender:
    """Codes on their way to a phone."""
    match wiring.settings.code_sender:
        case "console":
            from serving.adapters.console_code_sender import ConsoleCodeSender

            return ConsoleCodeSender()
        case "sns":
            from serving.adapters.sns_code_sender import SnsCodeSender
            from serving.adapters.sns_notifier import sns_client

            entity, template = (
                wiring.settings.required(name) for name in ("sms_entity_id", "sms_code_template_id")
            )
            client = sns_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url)
            return SnsCodeSender(client, entity, template)
        case other:
            assert_never(other)


@part
def notifier(wiring: "Wiring") -> Notifier:
    """Sending messages."""
    match wiring.settings.notifier:
        case "console":
            from serving.adapters.console_notifier import ConsoleNotifier

            return ConsoleNotifier()
        case "sns":
            from serving.adapters.sns_notifier import SnsNotifier, sns_client

            client = sns_client(wiring.settings.aws_region, wiring.settings.aws_endpoint_url)
            return SnsNotifier(wiring.settings.required("sns_topic_arn"), client)
        case other:
            assert_never(other)


@part
def statement_signer(wiring: "Wiring") -> StatementSigner:
    """The shop's signature under statements."""
    from serving.adapters.local_statement_signer import (
        LocalStatementSigner,
        keys_of_folder,
        keys_of_setting,
    )

    secret = wiring.settings.khata_secret
    if secret is not None:
        return LocalStatementSigner(lambda: keys_of_setting(wiring.secrets.text(secret)))
    keys = wiring.settings.khata_keys
    if keys is None:
        return LocalStatementSigner(lambda: keys_of_folder(wiring.settings.keys_folder))
    return LocalStatementSigner(lambda: keys_of_setting(keys.get_secret_value()))
