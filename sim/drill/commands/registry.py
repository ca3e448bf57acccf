"""Everything a person can do, one class each; the palette, completion, help and docs follow from them."""

from sim.drill.commands.command import Command
from sim.drill.commands.dns.mta_sts import MtaStsId, MtaStsPolicy, MtaStsShow
from sim.drill.commands.dns.mx import DnsAsk, DnsFlush, MxSet, TtlSet
from sim.drill.commands.dns.probe_mx import ArrivalsShow, ProbeMx
from sim.drill.commands.gateway.alerts import AlertsAck
from sim.drill.commands.gateway.continuity import (
    ContinuityEnd,
    ContinuityExtend,
    ContinuityShow,
    ContinuityStart,
    ContinuityTest,
)
from sim.drill.commands.gateway.deliveries import DeliveriesLimit, DeliveriesPause, DeliveriesResume
from sim.drill.commands.gateway.permissions import (
    PermissionsSet,
    PermissionsShow,
    SigninBreakGlass,
    SigninCloud,
    SmsShow,
)
from sim.drill.commands.gateway.queue import QueueBounce, QueueExtend, QueueReject, QueueRetry
from sim.drill.commands.gateway.track import Track
from sim.drill.commands.room.approve import Approve
from sim.drill.commands.room.note import Decide, Diagnose, Note
from sim.drill.commands.room.notify import Notify
from sim.drill.commands.room.phone import Handover, PhoneCall
from sim.drill.commands.room.status import StatusCheck
from sim.drill.commands.server.backup import BackupCheck, BackupSet, BackupTest
from sim.drill.commands.server.connector import ConnectorSet, ConnectorShow, ConnectorTest, ReadinessShow
from sim.drill.commands.server.disk import DiskFree, DiskMove, DiskShow
from sim.drill.commands.server.enhanced_filtering import EnhancedFiltering
from sim.drill.commands.server.guard import (
    FilterRuleRestore,
    FilterRuleSkip,
    FirewallClose,
    FirewallOpen,
    LockClose,
    LockOpen,
    LockTest,
)
from sim.drill.commands.server.openings import OpeningsProve, OpeningsShow

COMMANDS: tuple[type[Command], ...] = (
    AlertsAck,
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
    SigninBreakGlass,
    SigninCloud,
    SmsShow,
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
    Approve,
    OpeningsShow,
    OpeningsProve,
    Handover,
    Diagnose,
    Decide,
    Note,
)
