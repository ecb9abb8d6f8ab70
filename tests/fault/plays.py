"""What is done in a case where one run is not all of it. Each function plays one row."""

import json
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fault.case import Case

DEAD_MAN_SECONDS = 45
NO_MORE_TO_SAY = frozenset({0})


def leaves_something(case: "Case") -> None:
    """A run that can't clean up; then what kept it from that is over."""
    case.run()
    case.lane.disarm()


def prints_no_control_characters(case: "Case") -> None:
    ended = case.run()
    texts = [ended.out, ended.err, *(data.decode() for data in case.home.spool().values())]
    if any(ord(character) < 32 and character != "\n" for text in texts for character in text):
        case.unmet.append("control characters came through")


def keeps_its_journal_readable(case: "Case") -> None:
    """Every line of it is whole: what a full disk cut is taken back."""
    case.run()
    for path in case.home.journals():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            try:
                json.loads(line)
            except ValueError:
                case.unmet.append(f"line {number} of the journal is cut")


def interrupted_once(case: "Case") -> None:
    """At any moment."""
    running = case.start()
    case.sleep(0, 5)
    running.signal(signal.SIGINT)
    case.finish(running)


def interrupted_twice(case: "Case") -> None:
    """At any two moments; soon after the first, or a while."""
    running = case.start()
    case.sleep(0.2, 4)
    running.signal(signal.SIGINT)
    case.sleep(0, 1)
    running.signal(signal.SIGINT)
    case.finish(running)


def output_closed(case: "Case") -> None:
    """Its standard output and error are closed pipes."""
    case.finish(case.start_unheard())


def two_at_once(case: "Case") -> None:
    """Two runs of two types each; one is interrupted, the other must be as if alone."""
    mine, others = case.types[:2], case.types[2:]
    first = case.start(types=mine)
    second = case.start(types=others)
    case.sleep(0.3, 4)
    first.signal(signal.SIGINT)
    case.finish(first)
    case.finish(second, NO_MORE_TO_SAY)
    case.must_be_stored(others)


def endpoint_goes_down(case: "Case") -> None:
    """AWS can't be reached for a while, from any moment on after the first launch: before, a run may well give up."""
    running = case.start()
    case.wait_for(case.says(running, " launched"), "an instance is launched")
    case.sleep(0, 3)
    case.lane.arm("endpoint-down:2")
    case.finish(running)
    case.sleep(2.5, 2.5)  # a run that ended early left it down, and the auditor asks there too


def nobody_comes_back(case: "Case") -> None:
    """The program is killed when its instance works, and there is no next start."""
    running = case.start()
    if case.wait_for(lambda: "delivered" in running.said(), "the suite began"):
        running.signal(signal.SIGKILL)
    case.finish(running, frozenset({-signal.SIGKILL}))
    case.wait_for(lambda: not case.lane.instances(), "the instance ended itself", DEAD_MAN_SECONDS)
    case.forgive_groups = True


# --- credentials ------------------------------------------------------------------------------------------------


def write_role(case: "Case", role: str) -> None:
    """The profile `role`, whose sessions are had with long-lived keys."""
    keys = case.lane.environment
    (case.home.directory / "aws-config").write_text(
        f"[profile role]\nrole_arn=arn:aws:iam::123456789012:role/{role}\nsource_profile=base\n"
        f"[profile base]\naws_access_key_id={keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key={keys['AWS_SECRET_ACCESS_KEY']}\n"
    )


def sessions_of_four_seconds(case: "Case") -> None:
    write_role(case, "measure-for-4-seconds")
    case.finish(case.start("--profile", "role"))


def session_ends_early(case: "Case") -> None:
    """At any moment AWS says that it has expired."""
    write_role(case, "measure")
    running = case.start("--profile", "role")
    case.sleep(0.3, 4)
    case.lane.arm("expire-credentials", times=0)
    case.finish(running)


def keys_end_for_good(case: "Case") -> None:
    """Keys that can't be renewed end while instances run: they are named."""
    keys = case.lane.variables("session")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    running = case.start(more={name: keys[name] for name in names})
    case.wait_for(case.says(running, " running"), "an instance runs")
    case.lane.arm("expire-credentials", times=0)
    case.finish(running)


# --- clean-up ---------------------------------------------------------------------------------------------------


def cleanup_beside_a_live_run(case: "Case") -> None:
    """From another machine, at any moment of a run: its clock is right, or an hour off."""
    running = case.start()
    case.sleep(0.5, 4)
    clock = {"FAULT_CLOCK": f"{case.random.choice([0, 3600, -3600])}:0"}
    other = case.home.start("cleanup", "--yes", "--state-dir", "elsewhere", faults=clock)
    case.finish(other, NO_MORE_TO_SAY)
    case.finish(running)


def cleanup_with_a_bad_id(case: "Case") -> None:
    """What a killed run left, removed in batches of which EC2 refuses one for one id."""
    case.finish(case.start(), frozenset({-signal.SIGKILL}))
    case.lane.arm("bad-id-in-batch", times=2)
    case.command("cleanup", "--yes", codes=NO_MORE_TO_SAY)


def cleanup_killed(case: "Case") -> None:
    """A run is killed, its clean-up as well; the one after that removes the rest."""
    case.finish(case.start(), frozenset({-signal.SIGKILL}))
    again = {"FAULT_KILL": case.random.choice(["before", "torn", "after"]) + ':1:*"record":"terminated"*'}
    case.finish(case.home.start("cleanup", "--yes", faults=again), frozenset({-signal.SIGKILL}))
    case.command("cleanup", "--yes", codes=NO_MORE_TO_SAY)
