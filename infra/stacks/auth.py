"""Who is calling: the Cognito user pool."""

from typing import Any

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.deployment import Deployment

__all__ = ["AuthStack"]


class AuthStack(Stack):
    """People sign in by e-mail; shop and role are attributes that only the API may write."""

    def __init__(self, scope: Construct, name: str, deployment: Deployment, **kwargs: Any) -> None:
        super().__init__(scope, name, **kwargs)
        self.pool = self._pool(deployment)
        self.client = self._client()
        CfnOutput(self, "PoolId", value=self.pool.user_pool_id)
        CfnOutput(self, "ClientId", value=self.client.user_pool_client_id)

    def _pool(self, deployment: Deployment) -> cognito.UserPool:
        """Make the pool of people; in production it survives the deletion of the stack."""
        kept = RemovalPolicy.RETAIN if deployment.production else RemovalPolicy.DESTROY
        return cognito.UserPool(
            self,
            "Pool",
            user_pool_name=f"{deployment.name}-people",
            sign_in_aliases=cognito.SignInAliases(email=True, username=False),
            sign_in_case_sensitive=False,
            # The API makes accounts; a stranger who signed up here would have no shop anyway.
            self_sign_up_enabled=False,
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            custom_attributes={
                "shopId": cognito.StringAttribute(max_len=64, mutable=True),
                "shopName": cognito.StringAttribute(max_len=200, mutable=True),
                "role": cognito.StringAttribute(max_len=16, mutable=True),
            },
            password_policy=cognito.PasswordPolicy(
                # The rule of the API's own schema, `Password`: length alone, as NIST SP 800-63B advises.
                min_length=8,
                require_digits=False,
                require_lowercase=False,
                require_symbols=False,
                require_uppercase=False,
                temp_password_validity=Duration.days(1),
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=deployment.production,
            removal_policy=kept,
        )

    def _client(self) -> cognito.UserPoolClient:
        """Make the API's client of the pool."""
        # A person who could write custom:shopId with their own access token could enter another shop.
        own = cognito.ClientAttributes().with_standard_attributes(email=True, fullname=True)
        return self.pool.add_client(
            "Api",
            # Only the API, by its role, starts the flow of admins: for people who proved their phone number to it.
            auth_flows=cognito.AuthFlow(user_password=True, admin_user_password=True),
            generate_secret=False,
            disable_o_auth=True,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(30),
            read_attributes=own.with_custom_attributes("shopId", "shopName", "role"),
            write_attributes=own,
        )
