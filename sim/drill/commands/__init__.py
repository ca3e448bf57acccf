"""Everything a person can do, one class each; the palette, completion, help and docs follow from them."""

from sim.drill.command import Command
from sim.drill.commands.approve import Approve
from sim.drill.commands.attention import AlertsAck
from sim.drill.commands.backup import BackupCheck, BackupSet, BackupTest
from sim.drill.commands.connector import ConnectorSet, ConnectorShow, ConnectorTest, ReadinessShow
from sim.drill.commands.continuity import (
    ContinuityEnd,
    ContinuityExtend,
    ContinuityShow,
    ContinuityStart,
    ContinuityTest,
)
from sim.drill.commands.deliveries import DeliveriesLimit, DeliveriesPause, DeliveriesResume
from sim.drill.commands.disk import DiskFree, DiskMove, DiskShow
from sim.drill.commands.dns import DnsAsk, DnsFlush, MxSet, TtlSet
from sim.drill.commands.enhanced_filtering import EnhancedFiltering
from sim.drill.commands.guard import (
    FilterRuleRestore,
    FilterRuleSkip,
    FirewallClose,
    FirewallOpen,
    LockClose,
    LockOpen,
    LockTest,
)
from sim.drill.commands.mta_sts import MtaStsId, MtaStsPolicy, MtaStsShow
from sim.drill.commands.note import Decide, Diagnose, Note
from sim.drill.commands.notify import Notify
from sim.drill.commands.openings import OpeningsProve, OpeningsShow
from sim.drill.commands.permissions import (
    PermissionsSet,
    PermissionsShow,
    SigninBreakGlass,
    SigninCloud,
    SmsShow,
)
from sim.drill.commands.phone import Handover, PhoneCall
from sim.drill.commands.probe_mx import ArrivalsShow, ProbeMx
from sim.drill.commands.queue import QueueBounce, QueueExtend, QueueReject, QueueRetry
from sim.drill.commands.status import StatusCheck
from sim.drill.commands.track import Track

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
