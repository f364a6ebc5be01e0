"""The units on a real systemd: their files, what their states tell, and what the containers may do."""

import asyncio
import json

from images.service import CHECKOUT
from tests.e2e.inside import PRIVILEGES
from tests.e2e.test_privileges import breaches
from tests.server.server import PORT, RESTART_SECONDS, Server

# gunicorn and its workers, since it replaces one that hangs alone. Not a probe that runs just then: podman 5.4 waits
# for ever for one that is frozen, and begins no other.
FREEZE = (
    "first=$(podman inspect --format={{{{.State.Pid}}}} {container})"
    " && kill -STOP $first && pkill -STOP --parent $first"
)


def test_quadlet_and_systemd_have_nothing_to_say_of_the_unit_files(installed: Server) -> None:
    """Quadlet makes a service of each without an error, and systemd's own check of those is silent."""

    async def check() -> None:
        generator = "/usr/lib/systemd/system-generators/podman-system-generator"
        dry = await installed.machine.run("env", f"QUADLET_UNIT_DIRS={CHECKOUT}/quadlet", generator, "--dryrun")
        assert dry.returncode == 0, dry.stderr
        assert dry.stdout.count("---seatrial") == len(list((CHECKOUT / "quadlet").glob("seatrial*")))
        units = [f"/run/systemd/generator/{unit}.service" for unit in await installed.active()]
        verified = await installed.machine.run("systemd-analyze", "verify", "--man=no", *units)
        assert (verified.returncode, verified.stderr.strip()) == (0, ""), verified.stderr

    asyncio.run(check())


def test_quadlet_refuses_a_unit_file_with_a_misspelt_key(installed: Server) -> None:
    """The negative: the same check finds what is wrong."""

    async def check() -> None:
        made = "mkdir -p /tmp/bad && sed s/Yaml=/Yarn=/ quadlet/seatrial.kube > /tmp/bad/seatrial.kube"
        await installed.machine.ask("sh", "-c", made)
        generator = "/usr/lib/systemd/system-generators/podman-system-generator"
        dry = await installed.machine.run("env", "QUADLET_UNIT_DIRS=/tmp/bad", generator, "--dryrun")
        assert "unsupported key 'Yarn'" in dry.stderr

    asyncio.run(check())


def test_failed_container_is_a_failed_unit_and_is_started_again(installed: Server) -> None:
    """SIGKILL to the service's first process: systemd tells of the exit code, and starts the pod again by itself."""

    async def check() -> None:
        live = await installed.live()
        await installed.systemctl("restart", live)
        await installed.until_ready()
        await installed.machine.ask("podman", "kill", "--signal=KILL", f"{live}-pod-{live}")
        await installed.until_started_again(live)
        await installed.until_ready()
        said = await installed.systemctl("show", "--value", "--property=ActiveState", "seatrial")
        assert said == "active", "`seatrial` is the live colour's other name"
        log = await installed.machine.ask("journalctl", "--quiet", "--output=cat", f"--unit={live}", "--lines=400")
        assert "Main process exited, code=exited, status=137" in log

    asyncio.run(check())


def test_container_that_hangs_is_found_by_podmans_own_timers_and_started_again(installed: Server) -> None:
    """Liveness runs without this harness: a frozen service is unhealthy, ends, and answers again."""

    async def check() -> None:
        live = await installed.live()
        await installed.until_ready()
        container = f"{live}-pod-{live}"
        before = await installed.machine.ask("podman", "inspect", "--format={{.Id}} {{.State.StartedAt}}", container)
        await installed.machine.ask("sh", "-c", FREEZE.format(container=container))
        assert not await installed.ready()
        await installed.until_ready(RESTART_SECONDS)
        after = await installed.machine.ask("podman", "inspect", "--format={{.Id}} {{.State.StartedAt}}", container)
        assert after != before

    asyncio.run(check())


def test_containers_have_no_privileges_and_limits(installed: Server) -> None:
    """From inside, of both, and from outside: memory, CPU and processes are limited, roots read-only."""

    async def check() -> None:
        live = await installed.live()
        service, proxy = f"{live}-pod-{live}", "seatrial-proxy-pod-seatrial-proxy"
        seen = json.loads(await installed.machine.ask("podman", "exec", service, "python", "-c", PRIVILEGES))
        assert breaches(seen) == []
        status = await installed.machine.ask("podman", "exec", proxy, "cat", "/proc/1/status")
        lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert set(lines["Uid"].split()) == {"10101"}
        assert {int(lines[name], 16) for name in lines if name.startswith("Cap")} == {0}
        assert (lines["NoNewPrivs"], lines["Seccomp"]) == ("1", "2")
        refused = await installed.machine.run("podman", "exec", proxy, "touch", "/etc/nginx/trial")
        assert "Read-only file system" in refused.stderr
        shown = "{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}} {{.HostConfig.PidsLimit}}"
        for container, memory in ((service, 256), (proxy, 128)):
            limits = await installed.machine.ask("podman", "inspect", f"--format={shown}", container)
            assert limits.split() == [str(memory * 1024 * 1024), "100000", "2048"]

    asyncio.run(check())


def test_ports_are_open_on_the_loopback_address_alone(installed: Server) -> None:
    """On the machine's other address nobody answers; on the loopback address the proxy does."""

    async def check() -> None:
        assert await installed.ready()
        (address, *_) = (await installed.machine.ask("hostname", "-I")).split()
        for port in (PORT, 8001, 8002):
            refused = await installed.machine.run("curl", "-sS", "--max-time", "5", f"http://{address}:{port}/")
            assert refused.returncode in (7, 28), refused.stderr  # not connected, or no answer

    asyncio.run(check())


def test_log_lines_in_the_journal_are_json_with_the_same_request_id(installed: Server) -> None:
    """Of one request there is a line of the proxy and one of the service, each a whole object."""

    async def check() -> None:
        asked = f"http://127.0.0.1:{PORT}/api/v1/notes"
        await installed.machine.ask("curl", "-sS", "--fail", "--header", "X-Request-ID: trial-of-logs", asked)
        live = await installed.live()
        lines: list[str] = []
        async with asyncio.timeout(30):
            while len(lines) < 2:
                names = (f"CONTAINER_NAME={live}-pod-{live}", "CONTAINER_NAME=seatrial-proxy-pod-seatrial-proxy")
                found = await installed.machine.ask("journalctl", "--quiet", "--output=cat", *names)
                lines = [line for line in found.splitlines() if "trial-of-logs" in line]
        events = {found["event"]: found for found in map(json.loads, lines)}
        assert set(events) == {"proxied", "request"}
        assert {found["request_id"] for found in events.values()} == {"trial-of-logs"}
        assert events["proxied"]["client"] == events["request"]["client"], "what the proxy says of it is believed"

    asyncio.run(check())
