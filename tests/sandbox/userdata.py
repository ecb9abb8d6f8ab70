"""The part of cloud-init that matters here: user data into the files and commands of a machine's first boot."""

import base64
import gzip
import shlex
from dataclasses import dataclass, field
from typing import Any

import yaml

DEFAULT_USER = "ec2-user"
KEY_TYPES = ("ed25519", "ecdsa", "rsa")

_KNOWN = {
    "bootcmd",
    "disable_root",
    "hostname",
    "package_update",
    "package_upgrade",
    "packages",
    "power_state",
    "preserve_hostname",
    "runcmd",
    "ssh_authorized_keys",
    "ssh_deletekeys",
    "ssh_genkeytypes",
    "ssh_keys",
    "ssh_pwauth",
    "timezone",
    "users",
    "write_files",
}


class UserDataError(ValueError):
    """User data that cloud-init would refuse."""


@dataclass(frozen=True)
class User:
    """An account of the machine."""

    name: str
    authorized_keys: list[str]
    sudo: bool
    groups: list[str]


@dataclass(frozen=True)
class File:
    """A file to write before sshd starts."""

    path: str
    content: bytes
    mode: int = 0o644
    owner: str = "root:root"


@dataclass(frozen=True)
class FirstBoot:
    """What user data asks of a machine."""

    host_keys: dict[str, str] = field(default_factory=dict)
    """Private host keys by type; empty where the machine makes its own."""
    users: list[User] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    boot_commands: list[str] = field(default_factory=list)
    """Shell lines run first of all, at every boot."""
    late_commands: list[str] = field(default_factory=list)
    """Shell lines run once sshd is there, at the first boot; cloud-init is done when they are."""
    error: str | None = None
    """Why cloud-init would report an error; the rest is then what an image does by itself."""


def read(user_data: bytes | None, key_pair: str | None) -> FirstBoot:
    """The first boot of a machine. `key_pair` is the public key of the instance's key pair.

    Bad user data does not keep a machine from booting: it comes up with the key pair only, and cloud-init says error.
    """
    try:
        return _read(user_data or b"", key_pair)
    except UserDataError as error:
        return FirstBoot(users=[_default_user([], key_pair)], error=str(error))


def _read(user_data: bytes, key_pair: str | None) -> FirstBoot:
    if user_data[:2] == b"\x1f\x8b":
        user_data = gzip.decompress(user_data)
    if user_data.startswith(b"#!"):
        script = File("/var/lib/cloud/instance/scripts/part-001", user_data, 0o700)
        return FirstBoot(users=[_default_user([], key_pair)], files=[script], late_commands=[script.path])
    if not user_data.strip():
        return FirstBoot(users=[_default_user([], key_pair)])
    if not user_data.startswith(b"#cloud-config"):
        raise UserDataError("user data is neither a script nor a cloud-config")
    return _read_config(_load(user_data), key_pair)


def _load(text: bytes) -> dict[str, Any]:
    try:
        config = yaml.safe_load(text.decode()) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserDataError(f"the cloud-config is not YAML: {error}") from error
    if not isinstance(config, dict):
        raise UserDataError("the cloud-config is not a mapping")
    unknown = sorted(str(key) for key in config.keys() - _KNOWN)
    if unknown:
        raise UserDataError(f"the sandbox does not know these keys of the cloud-config: {', '.join(unknown)}")
    return config


def _read_config(config: dict[str, Any], key_pair: str | None) -> FirstBoot:
    keys = _mapping(config, "ssh_keys")
    return FirstBoot(
        host_keys={kind: str(keys[f"{kind}_private"]) for kind in KEY_TYPES if f"{kind}_private" in keys},
        users=_users(config, key_pair),
        files=[_file(entry) for entry in _list(config, "write_files")],
        boot_commands=[_command(entry) for entry in _list(config, "bootcmd")],
        late_commands=[_command(entry) for entry in _list(config, "runcmd")] + _power_state(config),
    )


def _mapping(config: dict[str, Any], key: str) -> dict[str, Any]:
    value = config.get(key) or {}
    if not isinstance(value, dict):
        raise UserDataError(f"{key} is not a mapping")
    return value


def _list(config: dict[str, Any], key: str) -> list[Any]:
    value = config.get(key) or []
    if not isinstance(value, list):
        raise UserDataError(f"{key} is not a list")
    return value


def _users(config: dict[str, Any], key_pair: str | None) -> list[User]:
    entries = _list(config, "users") if "users" in config else ["default"]
    keys = [str(key).strip() for key in _list(config, "ssh_authorized_keys")]
    return [_default_user(keys, key_pair) if entry == "default" else _user(entry) for entry in entries]


def _default_user(keys: list[str], key_pair: str | None) -> User:
    return User(DEFAULT_USER, keys + ([key_pair.strip()] if key_pair else []), sudo=True, groups=["docker"])


def _user(entry: Any) -> User:
    if not isinstance(entry, dict) or not entry.get("name"):
        raise UserDataError("an entry of users is neither 'default' nor a mapping with a name")
    groups = entry.get("groups") or []
    if isinstance(groups, str):
        groups = [group.strip() for group in groups.split(",")]
    keys = [str(key).strip() for key in _list(entry, "ssh_authorized_keys")]
    docker = ["docker"] if entry["name"] == DEFAULT_USER else []
    return User(str(entry["name"]), keys, sudo=bool(entry.get("sudo")), groups=groups + docker)


def _file(entry: Any) -> File:
    if not isinstance(entry, dict) or not str(entry.get("path", "")).startswith("/"):
        raise UserDataError("an entry of write_files has no absolute path")
    try:
        mode = int(str(entry.get("permissions", "0644")), 8)
    except ValueError as error:
        raise UserDataError(f"bad permissions of {entry['path']}: {error}") from error
    return File(entry["path"], _content(entry), mode, str(entry.get("owner", "root:root")))


def _content(entry: dict[str, Any]) -> bytes:
    content = entry.get("content", "")
    data = content if isinstance(content, bytes) else str(content).encode()
    encoding = str(entry.get("encoding", "text/plain"))
    if encoding in ("b64", "base64", "gz+b64", "gzip+base64", "gz+base64", "gzip+b64"):
        data = base64.b64decode(data)
    return gzip.decompress(data) if encoding.startswith("gz") else data


def _command(entry: Any) -> str:
    if isinstance(entry, str):
        return entry
    if isinstance(entry, list):
        return shlex.join(str(word) for word in entry)
    raise UserDataError("a command is neither a string nor a list")


def _power_state(config: dict[str, Any]) -> list[str]:
    """`power_state` is a shutdown at the very end."""
    power = _mapping(config, "power_state")
    if not power:
        return []
    option = {"poweroff": "-P", "halt": "-H", "reboot": "-r"}.get(str(power.get("mode")))
    if option is None:
        raise UserDataError("power_state has no mode")
    delay = str(power.get("delay", "now"))
    return [shlex.join(["shutdown", option, delay if delay == "now" else f"+{delay.lstrip('+')}"])]
