"""Passwords that the operator sets, for people who came with an imported shop or lost theirs."""

from dataclasses import replace

from pydantic import TypeAdapter, ValidationError

from serving.auth.phone import SignInLog
from serving.auth.schemas import Password
from serving.errors import InvalidInput, NotFound
from serving.ports import Ports
from serving.ports.accounts import Account

_DEVICE = "samaan people set-password"


def set_password(ports: Ports, email: str, password: str, operator: str) -> Account:
    """Return a person a password, end all sessions and note who did it: all of it or nothing.

    Parameters
    ----------
    ports : Ports
        The stores and the identity provider.
    email : str
        The person's address.
    password : str
        The password, by the rule of a registration.
    operator : str
        Who sets it, for the list of sign-ins that owners see.

    Returns
    -------
    Account
        The person.

    Raises
    ------
    InvalidInput
        When the password is too short or too long, or too weak for the provider.
    NotFound
        When no account has the address.
    """
    try:
        TypeAdapter(Password).validate_python(password)
    except ValidationError as error:
        raise InvalidInput(f"the password: {error.errors()[0]['msg']}", field="password") from None
    with ports.transactions.begin():
        try:
            account = ports.accounts.account_by_email(email.lower())
        except NotFound:
            raise NotFound(f"nobody has the e-mail address '{email}'", field="email") from None
        user_id = ports.identity.set_password(account.user_id, password)
        log = SignInLog(ports.sign_in_events, ports.clock)
        log.note(user_id, "password_set", _DEVICE, operator)
    return replace(account, user_id=user_id)
