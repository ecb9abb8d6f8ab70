"""What runs inside the sandbox's namespaces: the cloud, its HTTP server, the control socket."""

import os
import ssl
from collections.abc import Callable
from typing import Any

from sandbox import binfmt, certificates, control, faults, identities, paths, template
from sandbox.engine import Engines
from sandbox.host import Host
from sandbox.network import Silence, choose_ssh_port
from sandbox.requestlog import RequestLog
from sandbox.settings import Settings

_MOTO_ENVIRONMENT = {
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",
    "AWS_ACCESS_KEY_ID": "unused",
    "AWS_SECRET_ACCESS_KEY": "unused",
}


def run(settings: Settings, ready: Callable[[dict[str, Any]], None]) -> None:
    """Serves until the process ends. `ready` is told, once, what a client must know."""
    os.environ.update(_MOTO_ENVIRONMENT)
    armed = faults.Faults()
    ssh_port = choose_ssh_port()
    template.build()
    paths.MACHINES.mkdir()
    paths.MACHINE_LOGS.mkdir()
    engines = Engines()
    silence = Silence()
    server, cloud = _build(settings, Host(settings, ssh_port, engines, silence, armed, certificates.IdentitySigner()))
    control.serve(_handlers(cloud, armed))
    engines.get(_host_architecture())
    facts = {"port": server.port, "ssh_port": ssh_port, "https": settings.https, "warnings": _warnings(silence)}
    ready(facts)
    server.serve_forever()


def _host_architecture() -> str:
    return "arm64" if os.uname().machine == "aarch64" else "x86_64"


def _warnings(silence: Silence) -> list[str]:
    """What this host lacks, and what that means."""
    warnings = []
    if not silence.available:
        warnings.append("no nftables: an instance that is not up refuses connections instead of being silent")
    foreign = "x86_64" if _host_architecture() == "arm64" else "aarch64"
    if not binfmt.prepare(foreign):
        warnings.append(f"no qemu for {foreign}: images of that architecture won't run (scripts/bootstrap.sh test)")
    return warnings


def _build(settings: Settings, host: Host) -> tuple[Any, Any]:
    """moto is imported here, after its environment is set."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from sandbox import catalog, cloud
    from sandbox.gateway import Gateway
    from sandbox.machines import Machines
    from sandbox.mishaps import Mishaps
    from sandbox.server import Server

    machines = Machines(host)
    the_cloud = cloud.Cloud(settings, machines, host.faults)
    machines.on_shutdown = the_cloud.ended_from_inside
    Mishaps(host, machines).start()
    cloud.install(the_cloud)
    identities.install()
    catalog.prepare()
    application = DomainDispatcherApplication(create_backend_app)
    gateway = Gateway(application, cloud.regions(), host.faults, RequestLog(paths.REQUEST_LOG))
    return Server(settings.port, gateway, host.faults, settings.keep_alive, _tls(settings)), the_cloud


def _tls(settings: Settings) -> ssl.SSLContext | None:
    return certificates.server_context() if settings.https else None


def _add_identity(policy: str) -> dict[str, str]:
    from sandbox.permissions import Policy

    identity = identities.add(Policy(policy))
    return {"access_key": identity.access_key, "secret_key": identity.secret_key}


def _handlers(cloud: Any, armed: faults.Faults) -> dict[str, control.Handler]:
    return {
        "instances": lambda _: [
            {"id": i.id, "state": i.state, "type": i.instance_type, "address": i.private_ip} for i in cloud.alive()
        ],
        "identity": lambda request: _add_identity(**request),
        "fault": lambda request: armed.arm(faults.parse(**request)),
        "fault-clear": lambda _: armed.clear(),
        "fault-list": lambda _: armed.armed(),
    }
