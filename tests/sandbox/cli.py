"""The commands: up, down, env, instances, log, certificate, fault."""

import argparse
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from sandbox import control, paths, supervisor
from sandbox.control import ControlError
from sandbox.identities import IDENTITIES
from sandbox.settings import CALLER_ADDRESS_PATH, REGION, SPOT_ADVISOR_PATH, Settings
from sandbox.supervisor import SupervisorError

_UNSET = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL_EC2",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_PRICING",
)


def main(arguments: list[str]) -> int:
    """Carries out one command; gives its exit status."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.run
    try:
        return command(options)
    except (ControlError, SupervisorError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="A pretend AWS on this machine. See README.md.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_up(commands.add_parser("up", help="start it; returns when it is ready"))
    down = commands.add_parser("down", help="end it and leave nothing, also after a crash")
    down.set_defaults(run=_down)
    _add_env(commands.add_parser("env", help="print what a shell must export to use it"))
    instances = commands.add_parser("instances", help="list the instances that are not terminated: ID STATE TYPE IP")
    instances.set_defaults(run=_instances)
    log = commands.add_parser("log", help="print the log of requests, one JSON object a line")
    log.set_defaults(run=_log)
    certificate = commands.add_parser("certificate", help="print the certificate of who signs instance identities")
    certificate.set_defaults(run=_certificate)
    _add_fault(commands.add_parser("fault", help="make something go wrong: NAME, list or clear"))
    serve = commands.add_parser("serve")
    serve.add_argument("report", type=int)
    serve.add_argument("settings", type=Settings.from_json)
    serve.set_defaults(run=_serve)
    commands.add_parser("sweep").set_defaults(run=_sweep)
    return parser


def _add_up(parser: argparse.ArgumentParser) -> None:
    default = Settings()
    parser.add_argument("--port", type=int, default=default.port, help="of the endpoint; a free one unless given")
    parser.add_argument("--https", action="store_true", help="with a certificate authority of its own")
    parser.add_argument("--keep-alive", action="store_true", help="keep connections open after an answer")
    parser.add_argument(
        "--boot-delay",
        type=float,
        default=default.boot_delay,
        metavar="S",
        help="seconds from running until sshd answers, first silent, then refusing (default %(default)s)",
    )
    parser.add_argument(
        "--state-delay",
        type=float,
        default=default.state_delay,
        metavar="S",
        help="seconds in each of pending, shutting-down, stopping (default %(default)s)",
    )
    parser.add_argument(
        "--instances-max", type=int, metavar="N", help="instances alive at once before VcpuLimitExceeded"
    )
    parser.add_argument(
        "--machine-memory",
        default=default.machine_memory,
        metavar="SIZE",
        help="memory of each container on a machine; the machines share this host (default %(default)s)",
    )
    parser.set_defaults(run=_up)


def _add_env(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(f"{identity.name} ({identity.purpose})" for identity in IDENTITIES.values())
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument(
        "--as", dest="identity", choices=IDENTITIES, default="admin", metavar="NAME", help=f"whose credentials: {names}"
    )
    whose.add_argument(
        "--policy", type=Path, metavar="FILE", help="those of a new user that may do just what this IAM policy allows"
    )
    parser.set_defaults(run=_env)


def _add_fault(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="`list`, `clear`, or the fault; see README.md")
    parser.add_argument("--action", help="the API action that meets it, such as RunInstances")
    parser.add_argument("--match", default="", metavar="TEXT", help="only where this text occurs")
    parser.add_argument("--times", type=int, metavar="N", help="how often; 0 for always (most faults: once)")
    parser.set_defaults(run=_fault)


def _up(options: argparse.Namespace) -> int:
    settings = Settings(
        port=options.port,
        https=options.https,
        keep_alive=options.keep_alive,
        boot_delay=options.boot_delay,
        state_delay=options.state_delay,
        instances_max=options.instances_max,
        machine_memory=options.machine_memory,
    )
    facts = supervisor.start(settings)
    for warning in facts["warnings"]:
        print(f"sandbox: {warning}", file=sys.stderr)
    print(f"The sandbox is up at {_endpoint(facts)}", file=sys.stderr)
    return 0


def _serve(options: argparse.Namespace) -> int:
    from sandbox import daemon, namespace

    return namespace.serve(options.report, options.settings, daemon.run)


def _sweep(_: argparse.Namespace) -> int:
    supervisor.sweep()
    return 0


def _down(_: argparse.Namespace) -> int:
    supervisor.stop()
    return 0


def _endpoint(facts: dict[str, object]) -> str:
    return f"{'https' if facts['https'] else 'http'}://127.0.0.1:{facts['port']}"


def _env(options: argparse.Namespace) -> int:
    facts = supervisor.state()
    access_key, secret_key, session_token = _credentials(options)
    endpoint = _endpoint(facts)
    variables = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_SESSION_TOKEN": session_token,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CA_BUNDLE": str(paths.CERTIFICATE_AUTHORITY) if facts["https"] else None,
        "AWS_BENCHMARK_COLLECTOR_CALLER_ADDRESS_URL": endpoint + CALLER_ADDRESS_PATH,
        "AWS_BENCHMARK_COLLECTOR_SPOT_ADVISOR_URL": endpoint + SPOT_ADVISOR_PATH,
        "AWS_BENCHMARK_COLLECTOR_SSH_PORT": None if facts["ssh_port"] == 22 else str(facts["ssh_port"]),
        "NO_PROXY": "127.0.0.1,localhost" if _uses_proxy() else None,
    }
    for name, value in variables.items():
        print(f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}")
    for name in _UNSET:
        print(f"unset {name}")
    return 0


def _credentials(options: argparse.Namespace) -> tuple[str, str, str | None]:
    """Access key, secret key and session token."""
    if options.policy:
        try:
            made = control.ask("identity", policy=options.policy.read_text())
        except (OSError, UnicodeDecodeError) as error:
            raise ControlError(f"{options.policy}: {error}") from error
        return made["access_key"], made["secret_key"], None
    identity = IDENTITIES[options.identity]
    return identity.access_key, identity.secret_key, identity.session_token


def _uses_proxy() -> bool:
    return any(os.environ.get(name) for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"))


def _instances(_: argparse.Namespace) -> int:
    if not supervisor.is_up():
        return 0
    for instance in control.ask("instances"):
        print(instance["id"], instance["state"], instance["type"], instance["address"])
    return 0


def _log(_: argparse.Namespace) -> int:
    if paths.REQUEST_LOG.exists():
        sys.stdout.write(paths.REQUEST_LOG.read_text())
    return 0


def _certificate(_: argparse.Namespace) -> int:
    supervisor.state()
    sys.stdout.write(paths.IDENTITY_CERTIFICATE.read_text())
    return 0


def _fault(options: argparse.Namespace) -> int:
    if options.name == "clear":
        control.ask("fault-clear")
    elif options.name == "list":
        for fault in control.ask("fault-list"):
            print(*(f"{name}={value}" for name, value in fault.items() if value not in (None, "")))
    else:
        control.ask("fault", text=options.name, action=options.action, match=options.match, times=options.times)
    return 0
