"""The list of all commands, one class each; the palette, completion, help and reference are made from it."""

from collections.abc import Iterable
from difflib import get_close_matches

from sim.drill.commands.command import Command
from sim.drill.commands.dns.mta_sts import MtaStsId, MtaStsPolicy, MtaStsShow
from sim.drill.commands.dns.mx import DnsAsk, DnsFlush, MxSet, TtlSet
from sim.drill.commands.dns.probe_mx import ArrivalsShow, ProbeMx
from sim.drill.commands.gateway.alerts import AlertsAck, AlertsOpen
from sim.drill.commands.gateway.continuity import (
    ContinuityEnd,
    ContinuityExtend,
    ContinuityShow,
    ContinuityStart,
)
from sim.drill.commands.gateway.continuity_test import ContinuityTest
from sim.drill.commands.gateway.deliveries import DeliveriesLimit, DeliveriesPause, DeliveriesResume
from sim.drill.commands.gateway.permissions import PermissionsSet, PermissionsShow
from sim.drill.commands.gateway.queue import QueueBounce, QueueExtend, QueueReject, QueueRetry
from sim.drill.commands.gateway.signin import (
    SigninBreakGlass,
    SigninCloud,
    SigninConsole,
    SigninDirectory,
    SigninSeal,
)
from sim.drill.commands.gateway.sms import SmsNumbers, SmsShow, SmsSubscribe
from sim.drill.commands.gateway.track import Track
from sim.drill.commands.room.approve import Approve
from sim.drill.commands.room.cancel import Cancel
from sim.drill.commands.room.note import Decide, Diagnose, Note
from sim.drill.commands.room.notify import Notify
from sim.drill.commands.room.phone import Handover, PhoneCall, PhoneEnd
from sim.drill.commands.room.status import StatusCheck
from sim.drill.commands.server.backup import BackupCheck, BackupSet, BackupTest
from sim.drill.commands.server.connector import ConnectorSet, ConnectorShow, ConnectorTest, ReadinessShow
from sim.drill.commands.server.disk import DiskFree, DiskMove, DiskShow
from sim.drill.commands.server.enhanced_filtering import EnhancedFiltering
from sim.drill.commands.server.filter_rule import FilterRuleRestore, FilterRuleSkip
from sim.drill.commands.server.firewall import FirewallClose, FirewallOpen
from sim.drill.commands.server.lock import LockClose, LockOpen, LockTest
from sim.drill.commands.server.openings import OpeningsProve, OpeningsShow
from sim.drill.organisation.house_rules import HOUSE_RULES, read_house_rules
from sim.kernel.data_files import DataFiles

COMMANDS: tuple[type[Command], ...] = (
    AlertsAck,
    AlertsOpen,
    StatusCheck,
    ProbeMx,
    ArrivalsShow,
    ContinuityShow,
    ContinuityStart,
    ContinuityExtend,
    ContinuityEnd,
    ContinuityTest,
    PermissionsShow,
    PermissionsSet,
    SigninConsole,
    SigninBreakGlass,
    SigninCloud,
    SigninDirectory,
    SigninSeal,
    SmsShow,
    SmsSubscribe,
    SmsNumbers,
    DeliveriesPause,
    DeliveriesResume,
    DeliveriesLimit,
    QueueRetry,
    QueueReject,
    QueueBounce,
    QueueExtend,
    Track,
    DiskShow,
    DiskFree,
    DiskMove,
    ConnectorShow,
    ConnectorSet,
    ConnectorTest,
    ReadinessShow,
    BackupCheck,
    BackupSet,
    BackupTest,
    LockOpen,
    LockClose,
    LockTest,
    FirewallOpen,
    FirewallClose,
    FilterRuleSkip,
    FilterRuleRestore,
    EnhancedFiltering,
    MxSet,
    TtlSet,
    DnsAsk,
    DnsFlush,
    MtaStsPolicy,
    MtaStsId,
    MtaStsShow,
    Notify,
    PhoneCall,
    PhoneEnd,
    Approve,
    OpeningsShow,
    OpeningsProve,
    Handover,
    Cancel,
    Diagnose,
    Decide,
    Note,
)


def check_minutes(files: DataFiles) -> None:
    """Check that the house rules give hands-on minutes for every command and for nothing else. Raises
    BadFile.
    """
    wrong = _wrong_names(read_house_rules(files).hands_on.minutes)
    if wrong:
        raise files.mistake(HOUSE_RULES, ("hands_on", "minutes"), f"`hands_on.minutes`: {wrong}")


def _wrong_names(named: Iterable[str]) -> str:
    """One line with a wrong command name and its correction; empty if all names are correct."""
    commands, given = [" ".join(kind.words) for kind in COMMANDS], set(named)
    for name in named:
        if name not in commands:
            near = get_close_matches(name, commands, n=1)
            hint = f"did you mean {near[0]}?" if near else "write the words of a command, such as `mx set`"
            return f"{name!r} is not a command; {hint}"
    missing = [name for name in commands if name not in given]
    return f"minutes are missing for {', '.join(missing)}; give each command its minutes" if missing else ""
