"""The settings: typed, and named without their value when wrong."""

from __future__ import annotations

import base64
from dataclasses import fields

import pytest

from moderation import config
from moderation.config import Settings, variable
from moderation.environment import GroupRole
from moderation.errors import ConfigurationError
from tests.builders import ENVIRONMENT

KEY = base64.b64encode(b"k" * 32).decode()
REQUIRED = {
    name: value
    for name, value in ENVIRONMENT.items()
    if name
    in {
        "MODERATION_SECRET_KEY",
        "MODERATION_EMAIL_KEYS",
        "MODERATION_EMAIL_INDEX_KEY",
    }
}


def test_the_three_secrets_are_enough() -> None:
    settings = config.load(REQUIRED)
    assert settings.database_url == "sqlite:///moderation.sqlite"
    assert settings.claim_minutes == 15
    assert settings.demo is False


@pytest.mark.parametrize("name", sorted(REQUIRED))
@pytest.mark.parametrize("given", [None, ""])
def test_a_missing_secret_is_named(name: str, given: str | None) -> None:
    environment = {**REQUIRED, name: given or ""}
    if given is None:
        del environment[name]
    with pytest.raises(ConfigurationError, match=f"{name} is missing"):
        config.load(environment)


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        config.load({"MODERATION_CLAIM_MINUTES": "soon"})
    for name in (*REQUIRED, "MODERATION_CLAIM_MINUTES"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODERATION_SECRET_KEY", "too-short-s3cret"),
        ("MODERATION_EMAIL_KEYS", "s3cret"),
        ("MODERATION_EMAIL_KEYS", "k1:s3cret"),
        ("MODERATION_EMAIL_KEYS", f"k.1:{KEY}"),
        ("MODERATION_EMAIL_KEYS", f"k1:{KEY},"),
        ("MODERATION_EMAIL_INDEX_KEY", "s3cret"),
        ("MODERATION_EMAIL_INDEX_KEYS_ACCEPTED", f"{KEY},s3cret"),
        ("MODERATION_SECRET_KEYS_ACCEPTED", "too-short-s3cret"),
        ("MODERATION_EMAIL_INDEX_KEY", base64.b64encode(b"k" * 31).decode()),
        ("MODERATION_CLAIM_MINUTES", "s3cret"),
        ("MODERATION_CLAIM_MINUTES", "-1"),
        ("MODERATION_SESSION_HOURS", "1.5"),
        ("MODERATION_TRUSTED_PROXIES", "one"),
        ("MODERATION_DEMO", "perhaps"),
        ("MODERATION_LOG_LEVEL", "LOUD"),
        ("MODERATION_LOGIN_LIMIT", "often"),
        ("MODERATION_FORM_LIMIT", "10 per fortnight"),
        ("MODERATION_RATE_LIMIT_STORAGE", "cupboard"),
        ("MODERATION_LOCAL_LOGIN", "perhaps"),
        ("MODERATION_OIDC_ISSUER", "http://login.example"),
        ("MODERATION_OIDC_ISSUER", "ftp://news.example"),
        ("MODERATION_OIDC_ISSUER", "https://login.example/?tenant=s3cret"),
        ("MODERATION_OIDC_ROLES", "desk"),
        ("MODERATION_OIDC_ROLES", "desk=gazette"),
        ("MODERATION_OIDC_ROLES", "=gazette:lead"),
        ("MODERATION_OIDC_ROLES", "desk=:lead"),
        ("MODERATION_OIDC_ROLES", "desk=gazette:chief"),
        ("MODERATION_OIDC_ROLES", "desk=gazette:lead:"),
        ("MODERATION_OIDC_ROLES", "desk=gazette:admin:Sport"),
        ("DATABASE_URL", "not an address"),
    ],
)
def test_a_bad_value_is_told_by_name_and_never_repeated(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        config.load({**REQUIRED, name: value})
    assert value not in str(caught.value)


SIGN_ON = {
    "MODERATION_OIDC_ISSUER": "https://login.example/realms/news",
    "MODERATION_OIDC_CLIENT_ID": "moderation",
    "MODERATION_OIDC_CLIENT_SECRET": "s3cret",
    "MODERATION_OIDC_ROLES": "CN=desk,OU=it=gazette:moderator; chiefs=gazette:lead:A:B",
}


def test_groups_stand_for_roles() -> None:
    settings = config.load({**REQUIRED, **SIGN_ON})
    assert settings.oidc_roles == (
        GroupRole(group="CN=desk,OU=it", site="gazette", role="moderator"),
        GroupRole(group="chiefs", site="gazette", role="lead", section="A:B"),
    )


@pytest.mark.parametrize("name", sorted(SIGN_ON))
def test_the_settings_of_a_provider_go_together(name: str) -> None:
    environment = {**REQUIRED, **SIGN_ON}
    del environment[name]
    with pytest.raises(ConfigurationError, match=f"{name} is missing"):
        config.load(environment)


def test_there_is_always_a_way_to_log_in() -> None:
    closed = {"MODERATION_LOCAL_LOGIN": "false"}
    with pytest.raises(ConfigurationError, match="needs MODERATION_OIDC_ISSUER"):
        config.load({**REQUIRED, **closed})
    assert not config.load({**REQUIRED, **SIGN_ON, **closed}).local_login


def test_several_keys_keep_their_order() -> None:
    environment = {**REQUIRED, "MODERATION_EMAIL_KEYS": f"k2:{KEY}, k1:{KEY}"}
    assert list(config.load(environment).email_keys) == ["k2", "k1"]


@pytest.mark.parametrize(
    ("value", "flag"), [("1", True), ("TRUE", True), ("0", False), ("false", False)]
)
def test_a_flag_is_read(value: str, flag: bool) -> None:
    assert config.load({**REQUIRED, "MODERATION_DEMO": value}).demo is flag


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(config.load(REQUIRED))
    for secret in REQUIRED.values():
        assert secret not in shown


def test_every_setting_says_what_it_means() -> None:
    for each in fields(Settings):
        assert each.metadata["meaning"], each.name


def test_the_database_address_keeps_the_name_that_platforms_give_it() -> None:
    assert variable("database_url") == "DATABASE_URL"
    assert variable("claim_minutes") == "MODERATION_CLAIM_MINUTES"
