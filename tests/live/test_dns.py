"""Name servers on loopback: what they answer, pure and over real sockets."""

import asyncio
import shutil
import socket
import struct
from dataclasses import replace

import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.drill.services.zone_records import PERSONAS
from sim.drill.session.load import load_scenario
from sim.drill.session.session import Session
from sim.kernel.duration import HOUR_MS, MINUTE_MS, NEVER_MS
from sim.live.dns.answer import EDNS_SIZE, NameServer
from sim.live.dns.server import DnsListener
from tests.hostile import tries
from tests.live.conftest import SmallDrill

DRILL = SmallDrill()
AUTHORITY = NameServer(lambda _now: DRILL.zone_records(None))
FAILING = NameServer(lambda _now: replace(DRILL.zone_records("google"), failing=True), recursive=True)
RESOLVER = NameServer(lambda _now: DRILL.zone_records("google"), recursive=True)


def ask(
    name: str, kind: str = "MX", *, server: NameServer = AUTHORITY, udp: bool = True, edns: int | None = None
) -> dns.message.Message:
    query = dns.message.make_query(name, kind, use_edns=-1 if edns is None else 0, payload=edns or 0)
    wire = server.answer(query.to_wire(), udp, 0)
    assert wire is not None
    reply = dns.message.from_wire(wire)
    assert query.is_response(reply)
    return reply


def test_the_authority_gives_the_mx_and_the_addresses_of_its_hosts() -> None:
    reply = ask("Contoso.TEST")
    (answer,) = reply.answer
    assert answer.name.to_text() == "Contoso.TEST.", "as it was asked, for resolvers that check the case"
    assert (answer.ttl, sorted(str(record).lower() for record in answer)) == (
        300,
        ["10 mx.contoso.test.", "20 mx2.contoso.test."],
    )
    assert str(reply.additional[0]).lower() == "mx.contoso.test. 3600 in a 127.0.0.1"
    assert reply.flags & dns.flags.AA
    assert not reply.flags & dns.flags.RA
    assert reply.flags & dns.flags.RD, "copied from the query"


def test_a_resolver_is_no_authority() -> None:
    reply = ask("contoso.test", server=RESOLVER)
    assert reply.flags & dns.flags.RA
    assert not reply.flags & dns.flags.AA


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "answers"),
    [
        ("nothing.contoso.test", "A", dns.rcode.NXDOMAIN, 0),
        ("mx.contoso.test", "AAAA", dns.rcode.NOERROR, 0),
        ("contoso.test", "TXT", dns.rcode.NOERROR, 0),
        ("_dmarc.contoso.test", "TXT", dns.rcode.NOERROR, 1),
        ("example.org", "MX", dns.rcode.REFUSED, 0),
        ("notcontoso.test", "MX", dns.rcode.REFUSED, 0),
        ("test", "MX", dns.rcode.REFUSED, 0),
        (".", "NS", dns.rcode.REFUSED, 0),
        ("contoso.test", "AXFR", dns.rcode.REFUSED, 0),
        ("contoso.test", "IXFR", dns.rcode.REFUSED, 0),
        ("contoso.test", "ANY", dns.rcode.NOERROR, 1),
    ],
)
def test_codes_of_names_and_types(name: str, kind: str, rcode: int, answers: int) -> None:
    reply = ask(name, kind)
    assert (reply.rcode(), len(reply.answer)) == (rcode, answers)
    negative = not answers and rcode != dns.rcode.REFUSED
    assert [rrset.ttl for rrset in reply.authority] == ([60] if negative else []), "SOA with the negative TTL"


def test_an_any_query_gets_the_record_of_rfc_8482() -> None:
    assert str(ask("contoso.test", "ANY").answer[0]) == 'contoso.test. 3789 IN HINFO "RFC8482" ""'


@pytest.mark.parametrize(
    ("udp", "edns", "cut"), [(True, None, True), (True, 4096, True), (False, 4096, False)]
)
def test_a_long_answer_is_cut_over_udp_and_whole_over_tcp(udp: bool, edns: int | None, cut: bool) -> None:
    reply = ask("long.contoso.test", "TXT", udp=udp, edns=edns)
    assert bool(reply.flags & dns.flags.TC) == cut
    assert bool(reply.answer) != cut
    assert reply.payload == (EDNS_SIZE if edns else 0)


def test_other_opcodes_versions_and_classes() -> None:
    query = dns.message.make_query("contoso.test", "MX", "CH")
    assert dns.message.from_wire(AUTHORITY.answer(query.to_wire(), True, 0)).rcode() == dns.rcode.REFUSED
    query = dns.message.make_query("contoso.test", "MX", use_edns=1)
    assert dns.message.from_wire(AUTHORITY.answer(query.to_wire(), True, 0)).rcode() == dns.rcode.BADVERS
    query = dns.message.make_query("contoso.test", "SOA")
    query.set_opcode(dns.opcode.NOTIFY)
    assert dns.message.from_wire(AUTHORITY.answer(query.to_wire(), True, 0)).rcode() == dns.rcode.NOTIMP


def test_a_reply_gets_no_reply_and_a_broken_query_formerr() -> None:
    query = dns.message.make_query("contoso.test", "MX").to_wire()
    assert AUTHORITY.answer(query[:2] + b"\x81" + query[3:], True, 0) is None
    assert AUTHORITY.answer(query[:11], True, 0) is None
    broken = AUTHORITY.answer(query[:-3], True, 0)
    assert broken is not None
    assert (broken[:2], broken[3] & 15, len(broken)) == (query[:2], dns.rcode.FORMERR, 12)


SEEDS = [
    dns.message.make_query(name, kind, use_edns=edns, payload=1232).to_wire()
    for name, kind, edns in (
        ("contoso.test", "MX", 0),
        ("long.contoso.test", "TXT", -1),
        ("x.contoso.test", "ANY", 0),
        ("contoso.test", "AXFR", -1),
    )
]
EDITS = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255), st.sampled_from("sid")), max_size=8)


@pytest.mark.fuzz
@tries(100)
@given(st.sampled_from(SEEDS), EDITS, st.binary(max_size=24), st.booleans())
def test_any_packet_gets_one_sound_reply_or_none(
    seed: bytes, edits: list[tuple[int, int, str]], tail: bytes, udp: bool
) -> None:
    packet = bytearray(seed)
    for place, octet, how in edits:
        at = place % (len(packet) + 1)
        packet[at : at + (how != "i")] = bytes([octet]) if how != "d" else b""
    for server in (AUTHORITY, RESOLVER, FAILING):
        reply = server.answer(bytes(packet) + tail, udp, 0)
        if reply is None:
            assert len(packet + tail) < 12 or packet[2] & 0x80
            continue
        assert reply[:2] == bytes(packet + tail)[:2]
        assert reply[2] & 0x80
        assert len(reply) <= (EDNS_SIZE if udp else 65_535)
        dns.message.from_wire(reply)


@pytest.mark.fuzz
@tries(50)
@given(st.binary(max_size=80), st.booleans())
def test_any_octets_are_no_exception(packet: bytes, udp: bool) -> None:
    AUTHORITY.answer(packet, udp, 0)


async def test_udp_and_tcp_have_one_number_on_loopback(lab) -> None:
    query = dns.message.make_query("contoso.test", "MX").to_wire()
    for port in lab.names.ports.values():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.setblocking(False)
            loop = asyncio.get_running_loop()
            link.connect(("127.0.0.1", port))
            await loop.sock_sendall(link, query)
            by_udp = await asyncio.wait_for(loop.sock_recv(link, 4096), 20)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(struct.pack("!H", len(query)) + query)
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            assert dns.message.from_wire(await reader.readexactly(length)) == dns.message.from_wire(by_udp)
        writer.close()
    assert set(lab.names.ports) == {"authority", *PERSONAS}


async def test_more_tcp_connections_than_the_limit_are_closed(lab) -> None:
    port = lab.names.ports["authority"]
    links = [await asyncio.open_connection("127.0.0.1", port) for _ in range(12)]
    ends = [asyncio.ensure_future(reader.read()) for reader, _ in links]
    done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    assert all(one.result() == b"" for one in done)
    for _, writer in links:
        writer.close()
    await asyncio.wait(ends)


async def test_thousands_of_queries_in_one_write_do_not_hold_up_the_others() -> None:
    answered = []

    def answer(packet: bytes, udp: bool) -> bytes:
        answered.append(udp)
        return packet

    name_server, many = DnsListener(answer), 5_000
    await name_server.open()
    for_all, flood = await asyncio.open_connection("127.0.0.1", name_server.port)
    reader, writer = await asyncio.open_connection("127.0.0.1", name_server.port)
    flood.write(b"\x00\x01?" * many)
    writer.write(b"\x00\x01!")
    assert await asyncio.wait_for(reader.readexactly(3), 20) == b"\x00\x01!"
    assert len(answered) < many / 2
    assert await for_all.readexactly(3) == b"\x00\x01?"
    for one in (flood, writer):
        one.close()
    await name_server.release()


async def test_dig_asks(lab) -> None:
    dig = shutil.which("dig")
    if dig is None:
        pytest.skip("dig is not installed")
    words = ("@127.0.0.1", "-p", str(lab.names.ports["authority"]), "+short", "MX", "contoso.test")
    done = await asyncio.create_subprocess_exec(dig, *words, stdout=asyncio.subprocess.PIPE)
    out, _ = await asyncio.wait_for(done.communicate(), 60)
    assert sorted(out.decode().split()) == ["10", "20", "mx.contoso.test.", "mx2.contoso.test."]


# The zone of a drill


def hosts(session: Session, persona: str | None) -> tuple[int, list[str]]:
    """TTL and hosts of the MX record."""
    domain = session.scenario.organisation.domain
    ttl_s, records = session.zone_records(persona).sets[domain, "MX"]
    return ttl_s, [record.split()[1] for record in records]


DOMAIN = "harbour.example"
GATEWAY = ["mx-a.gateway.example.", "mx-b.gateway.example."]


def test_a_change_of_the_mx_reaches_the_authority_after_its_lag_and_resolvers_after_the_ttl() -> None:
    session = Session(load_scenario("gateway-down", {"users": "50"}), 1, None)
    session.advance(HOUR_MS)
    assert hosts(session, None) == (3600, GATEWAY)
    drill = session.drill
    drill.dns.enter(drill.now_ms, "test", ("backup",), 300_000)
    at_ms = drill.now_ms
    lag_ms = drill.world.zone.lag_ms
    session.advance(at_ms + lag_ms - 1)
    assert hosts(session, None) == (3600, GATEWAY)
    serial = soa_serial(session)
    session.advance(at_ms + lag_ms)
    assert hosts(session, None) == (300, ["mx.standby-mail.example."])
    assert soa_serial(session) == serial + 1
    seen = {persona: hosts(session, persona) for persona in PERSONAS}
    for persona, (left_s, named) in seen.items():
        route, left_ms = drill.world.zone.ask(drill.world.now_ms, PERSONAS[persona].kind)
        assert (left_s, named) == (left_ms // 1000, [f"{name}." for name in drill.dns.names(route)])
    left_s, named = seen["honest"]
    assert named == GATEWAY
    session.advance(drill.now_ms + 10_000)
    assert hosts(session, "honest") == (left_s - 10, GATEWAY), "the TTL counts down in simulated time"
    session.advance(drill.now_ms + HOUR_MS + MINUTE_MS)
    assert hosts(session, "honest")[1] == ["mx.standby-mail.example."]


def soa_serial(session: Session) -> int:
    domain = session.scenario.organisation.domain
    return int(session.zone_records(None).sets[domain, "SOA"][1][0].split()[2])


@pytest.mark.parametrize("outage", ["gateway-down", "m365-offline", "gateway-down-long-ttl", "mimecast-2013"])
def test_every_record_of_a_shipped_zone_can_be_asked(outage: str) -> None:
    session = Session(load_scenario(outage, {"users": "50"}), 1, None)
    domain = session.scenario.organisation.domain
    for persona in (None, *PERSONAS):
        server = NameServer(lambda _now, persona=persona: session.zone_records(persona), persona is not None)
        records = session.zone_records(persona)
        for (name, kind), (ttl_s, texts) in records.sets.items():
            reply = ask(name, kind, server=server)
            assert (reply.answer[0].ttl, len(reply.answer[0])) == (ttl_s, len(texts)), (name, kind)
        assert ask(f"www.{domain}", "A", server=server).rcode() == dns.rcode.NXDOMAIN
    sets = session.zone_records(None).sets
    paths = session.scenario.organisation.outbound_paths
    assert ((f"_dmarc.{domain}", "TXT") in sets) == (paths.dmarc != "none")
    assert sets[domain, "TXT"][1][0].startswith('"v=spf1 a:mx-a.')


def served(session: Session, persona: str, dead_ms: int, back_ms: int, name: str = "") -> object:
    """The answer about the MX while the authority is dead in [dead_ms, back_ms): its TTL in seconds, or its
    code; None: there is no reply.
    """
    kind = PERSONAS[persona]
    server = NameServer(
        lambda _now: session.zone_records(persona, [(dead_ms, back_ms)]), recursive=True, silent=kind.silent
    )
    query = dns.message.make_query(name or session.scenario.organisation.domain, "MX")
    wire = server.answer(query.to_wire(), True, session.now_ms)
    if wire is None:
        return None
    reply = dns.message.from_wire(wire)
    assert reply.flags & dns.flags.RA
    return reply.answer[0].ttl if reply.answer else dns.rcode.to_text(reply.rcode())


def test_while_the_authority_is_dead_each_resolver_does_as_its_kind_does() -> None:
    session = Session(load_scenario("gateway-down", {"users": "50"}), 1, None)
    dead_ms, back_ms = HOUR_MS + 1, 4 * HOUR_MS
    session.advance(dead_ms)
    before = {persona: served(session, persona, dead_ms, NEVER_MS) for persona in PERSONAS}
    assert before.pop("dnsmasq") is None, "it keeps no MX"
    assert before["honest"] == before["serve-stale"] == session.zone_records("honest").sets[DOMAIN, "MX"][0]
    assert all(isinstance(ttl_s, int) and ttl_s > 1 for ttl_s in before.values())
    session.advance(3 * HOUR_MS)
    assert {persona: served(session, persona, dead_ms, NEVER_MS) for persona in PERSONAS} == {
        **dict.fromkeys(("honest", "unbound", "google", "windows"), "SERVFAIL"),
        "stretcher": session.zone_records("stretcher").sets[DOMAIN, "MX"][0],  # has not expired
        "serve-stale": 30,
        "dnsmasq": None,
    }
    unknown = {persona: served(session, persona, dead_ms, NEVER_MS, f"x.{DOMAIN}") for persona in PERSONAS}
    assert unknown == {**dict.fromkeys(PERSONAS, "SERVFAIL"), "dnsmasq": None}
    session.advance(back_ms + 30_000)  # BIND with expired answers asks again every 30 s, Unbound later
    again = {persona: served(session, persona, dead_ms, back_ms) for persona in PERSONAS}
    assert all(3_569 <= again[persona] <= 3_600 for persona in ("honest", "google", "serve-stale", "windows"))
    assert (again["dnsmasq"], again["unbound"]) == (3_600, "SERVFAIL")
    assert served(session, "honest", dead_ms, back_ms, f"x.{DOMAIN}") == "NXDOMAIN"
    session.advance(back_ms + 16 * MINUTE_MS)
    assert served(session, "unbound", dead_ms, back_ms) > 2_600, "15 min and 24 s at the latest"


async def test_a_stopped_authority_answers_nothing_until_it_is_restarted(lab) -> None:
    port, query = lab.names.ports["authority"], dns.message.make_query("contoso.test", "MX")
    loop = asyncio.get_running_loop()
    lab.names.stop_authority()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.setblocking(False)
        link.connect(("127.0.0.1", port))
        await loop.sock_sendall(link, query.to_wire())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(struct.pack("!H", len(query.to_wire())) + query.to_wire())
        assert await reader.read() == b"", "by then the packet has been read, too"
        writer.close()
        lab.names.restart_authority()
        later = dns.message.make_query("contoso.test", "MX")
        await loop.sock_sendall(link, later.to_wire())
        assert later.is_response(
            dns.message.from_wire(await asyncio.wait_for(loop.sock_recv(link, 4096), 20))
        )


def test_looking_at_the_zone_changes_no_digest() -> None:
    scenario = load_scenario("gateway-down", {"users": "50"})
    looked, left = Session(scenario, 1, None), Session(scenario, 1, None)
    for hour in range(1, 6):
        for session in (looked, left):
            session.advance(hour * HOUR_MS)
        for persona in (None, *PERSONAS):
            looked.zone_records(persona)
        for door in ("MX", "direct", "mail server"):
            looked.meets(door)
    assert looked.digest() == left.digest()
