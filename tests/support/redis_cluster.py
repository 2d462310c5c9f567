"""A real Redis cluster on loopback: each member a redis-server with ports of its own, joined without anybody's help."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crossgate.redis.topology import SLOTS
from tests.support.children import free_port
from tests.support.redis_server import RedisServer
from tests.support.waiting import wait_until

NODE_TIMEOUT_MS = 1500


class RedisCluster:
    """Primaries with equal shares of the slots, and `copies` of the first of them."""

    def __init__(self, members: Sequence[RedisServer], bus_ports: Sequence[int], copies: int) -> None:
        self.members = members
        self.primaries = members[: len(members) - copies]
        self._bus_ports = bus_ports

    @property
    def places(self) -> list[tuple[str, int]]:
        return [("127.0.0.1", each.port) for each in self.members]

    @property
    def addresses(self) -> list[str]:
        return [f"{host}:{port}" for host, port in self.places]

    def join(self) -> None:
        """Make one cluster of them. Comes back when all agree that it is whole."""
        first, share = self.members[0], SLOTS // len(self.primaries)
        for number, each in enumerate(self.members):
            each.ask("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
            if each is not first:
                each.ask("CLUSTER", "MEET", "127.0.0.1", str(first.port), str(self._bus_ports[0]))
        for number, each in enumerate(self.primaries):
            last = SLOTS if each is self.primaries[-1] else share * (number + 1)
            each.ask("CLUSTER", "ADDSLOTSRANGE", str(share * number), str(last - 1))
        for each in self.members:
            wait_until(lambda each=each: self._knows_all(each))
        for copy in self.members[len(self.primaries) :]:
            copy.ask("CLUSTER", "REPLICATE", self.name_of(first))
            wait_until(lambda copy=copy: "master_link_status:up" in copy.ask("INFO", "replication"))
            for each in self.members:
                wait_until(lambda each=each, copy=copy: f":{copy.port}@" in self._slaves(each))

    def _knows_all(self, member: RedisServer) -> bool:
        state = member.ask("CLUSTER", "INFO")
        return "cluster_state:ok" in state and f"cluster_known_nodes:{len(self.members)}" in state

    @staticmethod
    def _slaves(member: RedisServer) -> str:
        return "\n".join([line for line in member.ask("CLUSTER", "NODES").split("\n") if "slave" in line])

    @staticmethod
    def name_of(member: RedisServer) -> str:
        return member.ask("CLUSTER", "MYID")

    def primary_of(self, key: str) -> RedisServer:
        """Whoever has that key, as the first of those that live says."""
        asked = next(each for each in self.members if each.is_listening)
        slot = int(asked.ask("CLUSTER", "KEYSLOT", key))
        for line in asked.ask("CLUSTER", "NODES").split("\n"):
            words = line.split()
            if "master" in words[2] and "fail" not in words[2]:
                for part in words[8:]:
                    low, _, high = part.partition("-")
                    if low.isdigit() and int(low) <= slot <= int(high or low):
                        port = int(words[1].partition("@")[0].rpartition(":")[2])
                        return next(each for each in self.members if each.port == port)
        raise LookupError(key)

    def move(self, slot: int, source: RedisServer, target: RedisServer, *, is_done: bool = True) -> None:
        """Hand a slot over, with its keys; or begin to, so that the source sends on whoever asks for one."""
        target.ask("CLUSTER", "SETSLOT", str(slot), "IMPORTING", self.name_of(source))
        source.ask("CLUSTER", "SETSLOT", str(slot), "MIGRATING", self.name_of(target))
        for key in filter(None, source.ask("CLUSTER", "GETKEYSINSLOT", str(slot), "1000").split("\n")):
            source.ask("MIGRATE", "127.0.0.1", str(target.port), key, "0", "5000")
        if is_done:
            for each in (target, source):
                each.ask("CLUSTER", "SETSLOT", str(slot), "NODE", self.name_of(target))

    def flush(self) -> None:
        for each in self.primaries:
            each.ask("FLUSHALL")


@contextmanager
def redis_cluster(folder: Path, *arguments: str, primaries: int = 3, copies: int = 0) -> Iterator[RedisCluster]:
    """A running one."""
    with ExitStack() as stack:
        members, bus_ports = [], []
        for number in range(primaries + copies):
            bus_ports.append(free_port())
            own = folder / f"member-{number}"
            own.mkdir()
            cluster = ("--cluster-enabled", "yes", "--cluster-port", str(bus_ports[-1]))
            quick = ("--cluster-node-timeout", str(NODE_TIMEOUT_MS), "--repl-diskless-sync-delay", "0")
            member = RedisServer(own, *cluster, *quick, *arguments)
            member.start()
            stack.callback(member.kill)
            members.append(member)
        cluster_of_all = RedisCluster(members, bus_ports, copies)
        cluster_of_all.join()
        yield cluster_of_all
