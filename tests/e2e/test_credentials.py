"""Where credentials come from, and what becomes of a run in whose middle they expire."""

import json
import shlex
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import QUICK, sandbox, wait_for

ROLES = "/latest/meta-data/iam/security-credentials/"
NONE = dict.fromkeys(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
RUN = ["run", "--instance-types", "m7i.large", "--output", "json", *QUICK]


def role(name: str) -> str:
    return f"arn:aws:iam::123456789012:role/{name}"


def session_of(cloud, name: str) -> dict:
    """Credentials of a role, with the names that STS gives them."""
    answer = cloud.client("sts").assume_role(RoleArn=role(name), RoleSessionName="test")
    return {key: value if isinstance(value, str) else value.strftime("%Y-%m-%dT%H:%M:%SZ")
            for key, value in answer["Credentials"].items()}


def write_keys(path, keys: dict) -> None:
    """The default profile of a credentials file, replaced as a whole."""
    new = path.with_suffix(".new")
    new.write_text(
        f"[default]\naws_access_key_id={keys['AccessKeyId']}\naws_secret_access_key={keys['SecretAccessKey']}\n"
        f"aws_session_token={keys['SessionToken']}\n"
    )
    new.replace(path)


def write_role(collector, cloud, name: str) -> None:
    """The profile `role`, which assumes that role with long-lived keys."""
    keys = cloud.environment
    (collector.home / "config").write_text(
        f"[profile role]\nrole_arn={role(name)}\nsource_profile=base\n"
        f"[profile base]\naws_access_key_id={keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key={keys['AWS_SECRET_ACCESS_KEY']}\n"
    )


def requests(action: str) -> list[dict]:
    """What the sandbox was asked by that action, in the order of asking."""
    return [entry for entry in map(json.loads, sandbox("log").splitlines()) if entry["action"] == action]


@pytest.fixture
def metadata(cloud):
    """The metadata service of an instance (version 2 alone) and the agent of a container, on loopback."""

    class Service(BaseHTTPRequestHandler):
        def do_PUT(self):
            wanted = self.path == "/latest/api/token" and self.headers["X-aws-ec2-metadata-token-ttl-seconds"]
            self.reply(200 if wanted else 400, "a-session-token")

        def do_GET(self):
            keys = session_of(cloud, "of-a-machine")
            keys["Token"] = keys.pop("SessionToken")
            if self.path == "/agent":
                self.reply(200 if self.headers["Authorization"] == "let me" else 403, json.dumps(keys))
            elif self.headers["X-aws-ec2-metadata-token"] != "a-session-token":
                self.reply(401, "")
            elif self.path == ROLES:
                self.reply(200, "measure")
            elif self.path == ROLES + "measure":
                self.reply(200, json.dumps(keys | {"Code": "Success"}))
            else:
                self.reply(404, "")

        def reply(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def assert_finds(collector, source: str, *arguments: str, environment: dict) -> None:
    """The program reaches the account, with credentials from there and not with a key in the environment."""
    done = collector(
        "discover", "infrastructure", "--output", "json", "--verbose", *arguments, environment=NONE | environment
    )
    assert done.code == 0, done.err
    assert f"credentials from: {source}" in done.err, done.err


def test_a_role_of_a_profile(collector, cloud):
    write_role(collector, cloud, "measure")
    assert_finds(collector, "assumed role", "--profile", "role", environment={})
    assert_finds(collector, "assumed role", environment={"AWS_PROFILE": "role"})


def test_a_web_identity_token(collector):
    (collector.home / "token").write_text("a.web.token\n")
    variables = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(collector.home / "token"), "AWS_ROLE_ARN": role("ci")}
    assert_finds(collector, "web identity", environment=variables)


def test_a_program_that_gives_keys(collector, cloud):
    script = collector.home / "give keys"
    script.write_text(f"#!/bin/sh\necho {shlex.quote(json.dumps(session_of(cloud, 'program') | {'Version': 1}))}\n")
    script.chmod(0o700)
    (collector.home / "config").write_text(f"[profile program]\ncredential_process = '{script}' --now\n")
    assert_finds(collector, "credential process", "--profile", "program", environment={})


def test_a_containers_agent(collector, metadata):
    variables = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{metadata}/agent",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me",
    }
    assert_finds(collector, "container role", environment=variables)


def test_an_instances_metadata_service(collector, metadata):
    variables = {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata}
    assert_finds(collector, "instance role", environment=variables)


def test_single_sign_on_is_left_to_the_aws_command_line(collector):
    (collector.home / "config").write_text("[profile sso]\nsso_session=s\nsso_account_id=123456789012\n")
    done = collector("discover", "infrastructure", "--profile", "sso", environment=NONE)
    assert done.code == 3 and "aws configure export-credentials --profile sso" in done.err


def test_a_run_outlasts_its_sessions(collector, cloud):
    write_role(collector, cloud, "measure-for-3-seconds")
    before = len(requests("AssumeRole"))
    arguments = ["--iterations", "4", "--profile", "role", "--s3-bucket", "sandbox-results"]
    done = collector(*RUN, *arguments, environment=NONE)
    assert done.code == 0, done.err
    assert len(requests("AssumeRole")) - before >= 2  # at least once in the middle of the run
    assert len(collector.results()) == 4


def test_a_session_that_aws_ends_early_is_replaced(collector, cloud):
    write_role(collector, cloud, "measure")
    process = collector.start(*RUN, "--profile", "role", environment=NONE)
    wait_for(lambda: cloud.instances() != [], 60)
    cloud.fault("expire-credentials", "--times", "0")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err


def refused_ends():
    """How many requests to end an instance had expired credentials so far."""
    return sum(entry.get("refused") == "expired" for entry in requests("TerminateInstances"))


def test_keys_that_end_in_mid_run_are_looked_for_again_until_the_instance_is_gone(collector, cloud):
    file = collector.home / "credentials"
    before = refused_ends()
    write_keys(file, session_of(cloud, "measure"))
    process = collector.start(*RUN, "--iterations", "4", environment=NONE)
    wait_for(lambda: collector.results() != [], 60)
    cloud.fault("expire-credentials", "--times", "0")
    wait_for(lambda: refused_ends() > before, 90)
    assert cloud.instances() != []
    time.sleep(1.1)  # the fault counts in seconds
    write_keys(file, session_of(cloud, "measure"))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "put new credentials where these came from" in err
    assert len(collector.results()) == 4


def test_credentials_that_end_before_the_run_can_are_warned_of(collector, cloud):
    keys = session_of(cloud, "measure")
    variables = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_CREDENTIAL_EXPIRATION": keys["Expiration"],
    }
    done = collector(*RUN, environment=variables)
    assert done.code == 0, done.err
    assert f"the credentials (environment) end at {keys['Expiration']}, but the run may take until" in done.err
