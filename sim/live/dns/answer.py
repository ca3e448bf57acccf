"""The answer to one DNS query: a pure function of the packet, the transport and the moment (RFC 1035, 6891).

A zone is given as the records at one moment. Queries for names outside the server's zones, for zone transfers
and for other classes are REFUSED; ANY gets one HINFO record (RFC 8482). There is no DNSSEC.
"""

from collections.abc import Callable
from dataclasses import dataclass

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from sim.drill.services.zone_records import ZoneRecords

PLAIN_SIZE = 512
"""Maximum size, in octets, of a UDP answer to a query without EDNS (RFC 1035 section 2.3.4)."""
EDNS_SIZE = 1_232
"""Maximum size, in octets, of a UDP answer: small enough to cross practically any network unfragmented
(DNS Flag Day 2020).
"""
TCP_SIZE = 65_535
HEADER = 12
ANY_TTL_S = 3_789
"""TTL from the example in RFC 8482 section 4.2."""
_TRANSFERS = frozenset({dns.rdatatype.AXFR, dns.rdatatype.IXFR, dns.rdatatype.MAILA, dns.rdatatype.MAILB})
_LONGEST_LABELS = 127

Look = Callable[[int], ZoneRecords]
"""Function that returns the records at a simulated time in ms since the start."""


@dataclass(frozen=True, slots=True)
class NameServer:
    """One name server. `recursive`: it is a resolver with cached answers, not the authority.

    `silent`: it sends no reply where others send SERVFAIL.
    """

    records: Look
    recursive: bool = False
    silent: bool = False

    def answer(self, wire: bytes, udp: bool, now_ms: int) -> bytes | None:
        """The reply to a packet; None if the packet is itself a reply, or not DNS at all."""
        if len(wire) < HEADER or wire[2] & 0x80:
            return None
        try:
            query = dns.message.from_wire(wire, ignore_trailing=True)
        except (dns.exception.DNSException, ValueError):
            return _broken(wire)
        reply = dns.message.Message(id=query.id)
        reply.flags = dns.flags.QR | (query.flags & dns.flags.RD)
        reply.set_opcode(query.opcode())
        reply.question = query.question[:1]
        size = TCP_SIZE if not udp else PLAIN_SIZE
        if query.edns >= 0:
            reply.use_edns(0, 0, EDNS_SIZE)
            size = min(max(query.payload, PLAIN_SIZE), EDNS_SIZE) if udp else TCP_SIZE
        self._fill(query, reply, now_ms)
        if self.silent and reply.rcode() == dns.rcode.SERVFAIL:
            return None
        return _on_wire(reply, size)

    def _fill(self, query: dns.message.Message, reply: dns.message.Message, now_ms: int) -> None:
        if query.edns > 0:
            reply.set_rcode(dns.rcode.BADVERS)
        elif query.opcode() != dns.opcode.QUERY:
            reply.set_rcode(dns.rcode.NOTIMP)
        elif len(query.question) != 1:
            reply.set_rcode(dns.rcode.FORMERR)
        else:
            asked = query.question[0]
            if asked.rdclass != dns.rdataclass.IN or asked.rdtype in _TRANSFERS:
                reply.set_rcode(dns.rcode.REFUSED)
            else:
                self._look_up(asked.name, asked.rdtype, reply, self.records(now_ms))

    def _look_up(
        self,
        name: dns.name.Name,
        kind: dns.rdatatype.RdataType,
        reply: dns.message.Message,
        records: ZoneRecords,
    ) -> None:
        text = name.canonicalize().to_text(omit_final_dot=True)
        origin = max((zone for zone in records.origins if _below(text, zone)), key=len, default=None)
        if origin is None:
            reply.set_rcode(dns.rcode.REFUSED)
            return
        reply.flags |= dns.flags.RA if self.recursive else dns.flags.AA
        if any(_below(known, text) for known, _kind in records.sets):
            if kind == dns.rdatatype.ANY:
                reply.answer.append(_record_set(name, dns.rdatatype.HINFO, ANY_TTL_S, ('"RFC8482" ""',)))
                return
            found = records.sets.get((text, dns.rdatatype.to_text(kind)))
            if found is not None:
                reply.answer.append(_record_set(name, kind, *found))
                self._add_hosts(reply, records)
                return
        else:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        if records.failing:  # the authority does not answer, and only it could say so
            reply.set_rcode(dns.rcode.SERVFAIL)
            return
        ttl_s, soa = records.sets[origin, "SOA"]
        negative_s = min(ttl_s, int(soa[0].split()[-1]))  # RFC 2308 section 3
        reply.authority.append(_record_set(dns.name.from_text(origin), dns.rdatatype.SOA, negative_s, soa))

    def _add_hosts(self, reply: dns.message.Message, records: ZoneRecords) -> None:
        """Addresses of the hosts that an MX or NS answer names (RFC 1035 section 3.3.9)."""
        for record in reply.answer[0]:
            host = getattr(record, "exchange", getattr(record, "target", None))
            found = None if host is None else records.sets.get((host.to_text(omit_final_dot=True), "A"))
            if host is not None and found is not None:
                reply.additional.append(_record_set(host, dns.rdatatype.A, *found))


def _below(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _record_set(
    name: dns.name.Name, kind: dns.rdatatype.RdataType, ttl_s: int, records: tuple[str, ...]
) -> dns.rrset.RRset:
    return dns.rrset.from_text_list(name, ttl_s, dns.rdataclass.IN, kind, records)


def _on_wire(reply: dns.message.Message, size: int) -> bytes:
    """The reply. If it is too long, it comes without its additional records, or empty and marked TC (RFC
    2181 section 9).
    """
    for cut in (0, 1, 2):
        if cut == 1:
            reply.additional = []
        if cut == 2:
            reply.flags |= dns.flags.TC
            reply.answer, reply.authority = [], []
        try:
            return reply.to_wire(max_size=size)
        except dns.exception.TooBig:
            continue
    raise AssertionError("a question alone fits into every packet")


def _broken(wire: bytes) -> bytes:
    """A FORMERR reply that has only the header, because the question could not be read."""
    opcode_and_rd = wire[2] & 0x79
    return wire[:2] + bytes((0x80 | opcode_and_rd, dns.rcode.FORMERR)) + bytes(8)
