"""The browser door: pages and WebSockets on loopback, or on one address of the local network.

Every request has to name this table as its host, every WebSocket has to come from one of its own pages, and a
seat opens only with its token. Nothing is loaded from other servers.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from weakref import WeakKeyDictionary, WeakSet

from aiohttp import web

from tui.table.address import LOOPBACK, addresses, in_url, lan_address, no_door
from tui.table.browser_wire import BrowserWire
from tui.table.door_log import door_log
from tui.table.limits import FIRST_WORD_S, MOST_CONNECTIONS, Requests
from tui.table.log_on import Keyring, Kind, Tries
from tui.table.pages import SeatState, message_page, phone_page, room_page, seat_page
from tui.table.seat.seat import Client
from tui.table.seat.seats import Seats
from tui.table.seat.shared_table import SharedTable

_FILES = {
    "xterm.mjs": "text/javascript",
    "addon-fit.mjs": "text/javascript",
    "seat.js": "text/javascript",
    "xterm.css": "text/css",
    "seat.css": "text/css",
    "page.css": "text/css",
    "xterm-LICENSE.txt": "text/plain",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-elem 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The content security policy: only scripts, styles and the WebSocket of this server. Style attributes are
allowed, because the terminal sets them on its cells.
"""
_PLAIN_POLICY = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class BrowserDoor:
    """Serves the seats of a table to browsers. `report` shows the facilitator a line."""

    def __init__(
        self,
        table: SharedTable,
        seats: Seats,
        keyring: Keyring,
        tries: Tries,
        wall: Callable[[], float],
        report: Callable[[str], None],
    ) -> None:
        self._table, self._seats, self._keyring, self._tries = table, seats, keyring, tries
        self._wall, self._report = wall, report
        self._requests = Requests(wall)
        self._hosts: set[str] = set()
        self._served: WeakSet[asyncio.BaseTransport] = WeakSet()
        self._runner: web.AppRunner | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self._servers: list[asyncio.Server] = []
        self._files = {name: files("tui.table").joinpath("web", name).read_bytes() for name in _FILES}
        self.port = 0
        self.address = LOOPBACK[0]
        """The address that links contain."""

    # ------------------------------------------------------------ opening and closing

    async def open(self, port: int = 0, lan: str = "") -> None:
        """Listen on loopback, and on `lan` if it names an address. Raises NoDoor."""
        listened = addresses(lan)
        app = web.Application(middlewares=[self._checked], client_max_size=1)
        app.on_response_prepare.append(self._with_headers)
        app.add_routes(
            [
                web.get("/join/{token}", self._join),
                web.get("/seat/{name}/", self._seat),
                web.get("/seat/{name}/wire", self._wire),
                web.get("/phone/{token}", self._phone),
                web.get("/room/{token}", self._room),
                web.get("/files/{name}", self._file),
            ]
        )
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=door_log("browser", self._report),
            keepalive_timeout=15,
            shutdown_timeout=1,
        )
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        for address in listened:
            try:
                server = await loop.create_server(self._accept, address, port, backlog=MOST_CONNECTIONS)
            except OSError as why:
                if address == "::1" and self._servers:
                    continue  # this machine has no IPv6
                await self.close()
                raise no_door(address, port, why) from None
            self._servers.append(server)
            port = server.sockets[0].getsockname()[1]
        self.port = port
        self.address = lan_address(lan) if lan else LOOPBACK[0]
        self._hosts = {f"{in_url(one)}:{port}" for one in (*listened, "localhost")}
        self._sweeper = asyncio.create_task(self._sweep(), name="browser door")

    async def close(self) -> None:
        """Stop listening, and end every connection."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        for server in self._servers:
            server.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def link(self, kind: Kind, name: str = "") -> str:
        """The link to a seat, a phone page or the room's page; it contains the token."""
        path = {"seat": "join", "phone": "phone", "room": "room"}[kind]
        return f"http://{in_url(self.address)}:{self.port}/{path}/{self._keyring.token(kind, name)}"

    def _accept(self) -> asyncio.BaseProtocol:
        """A handler for a new connection; connections above the limit are closed at once."""
        server = self._runner.server if self._runner is not None else None
        if server is None or len(server.connections) >= MOST_CONNECTIONS:
            return _Closed()
        handler: asyncio.BaseProtocol = server()
        return handler

    async def _sweep(self) -> None:
        """Close connections that have not sent a request within `FIRST_WORD_S`."""
        since: WeakKeyDictionary[asyncio.BaseTransport, float] = WeakKeyDictionary()
        while True:
            await asyncio.sleep(FIRST_WORD_S / 2)
            server = self._runner.server if self._runner is not None else None
            for handler in server.connections if server is not None else []:
                transport = handler.transport
                if transport is None or transport in self._served:
                    continue
                if self._wall() - since.setdefault(transport, self._wall()) >= FIRST_WORD_S / 2:
                    transport.close()

    # ------------------------------------------------------------ every request

    @web.middleware
    async def _checked(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Refuse a request for another host, or from a page of another origin."""
        if request.transport is not None:
            self._served.add(request.transport)
        if not self._requests.takes(request.remote or ""):
            return _refused(429, "Wait", "Too many requests came from here.")
        if request.headers.getall("Host", []) != [request.host] or request.host not in self._hosts:
            return _refused(421, "Another host", "This address does not belong to the exercise.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.removeprefix("http://") not in self._hosts:
            return _refused(403, "Another page", "Pages of other sites cannot use the exercise.")
        try:
            return await handler(request)
        except web.HTTPException as refusal:
            return _refused(refusal.status, "Not here", "There is no such page.")

    async def _with_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(_HEADERS)
        response.headers.setdefault("Content-Security-Policy", _PLAIN_POLICY)
        response.headers["Server"] = "mxdrill"

    # ------------------------------------------------------------ log-on

    def _opened(self, request: web.Request, kind: Kind) -> str:
        """The seat whose token the path contains. Raises an error page for a wrong token."""
        address = request.remote or ""
        if (wait_s := self._tries.wait_s(address)) > 0:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(int(wait_s) + 1)})
        name = self._keyring.opens(kind, request.match_info["token"])
        if name is None:
            self._tries.wrong(address)
            raise web.HTTPForbidden
        self._tries.right(address)
        return name

    def _cookie(self) -> str:
        return f"mxdrill-{self.port}"

    def _client_of(self, request: web.Request) -> Client | None:
        """The browser that has logged on to the seat in the path; None if there is none."""
        browser, _, token = request.cookies.get(self._cookie(), "").partition(".")
        if not browser or self._keyring.opens("seat", token) != request.match_info["name"]:
            return None
        return Client(f"browser at {request.remote}", browser)

    async def _join(self, request: web.Request) -> web.StreamResponse:
        name = self._opened(request, "seat")
        before, _, _token = request.cookies.get(self._cookie(), "").partition(".")
        page = self._page_of(name)
        page.set_cookie(
            self._cookie(),
            f"{before or secrets.token_urlsafe(9)}.{request.match_info['token']}",
            path=f"/seat/{name}/",
            httponly=True,
            samesite="Strict",
        )
        return page

    async def _seat(self, request: web.Request) -> web.StreamResponse:
        if self._client_of(request) is None:
            raise web.HTTPForbidden
        return self._page_of(request.match_info["name"])

    def _page_of(self, name: str) -> web.Response:
        nonce = secrets.token_urlsafe(16)
        page = _html(seat_page(name, nonce))
        page.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce)
        return page

    async def _wire(self, request: web.Request) -> web.StreamResponse:
        client = self._client_of(request)
        if client is None or "Origin" not in request.headers:
            raise web.HTTPForbidden
        return await BrowserWire(self._seats, request.match_info["name"], client, self._wall).serve(request)

    # ------------------------------------------------------------ pages without a script

    async def _phone(self, request: web.Request) -> web.StreamResponse:
        name = self._opened(request, "phone")
        table = self._table
        events = table.exercise.events(name)
        return _html(phone_page(name, events, table.local, table.exercise.now_ms))

    async def _room(self, request: web.Request) -> web.StreamResponse:
        self._opened(request, "room")
        table, exercise = self._table, self._table.exercise
        names = self._seats.names
        states = [SeatState(name, exercise.person(name), bool(self._seats.client_of(name))) for name in names]
        seen = exercise.look(names[0]).snapshot
        public = exercise.events(names[0])
        return _html(room_page(seen, table.clock.pace, states, public, table.local, exercise.room()))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        return web.Response(body=self._files[name], content_type=_FILES[name], charset="utf-8")


class _Closed(asyncio.Protocol):
    """A connection above the limit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")


_WHY: Mapping[int, tuple[str, str]] = {
    403: ("No seat", "This link is not valid, or no longer valid. Ask the facilitator for a new one."),
    429: ("Wait", "Too many requests or wrong links came from here. Wait a minute, then open the right one."),
}


def _refused(status: int, heading: str, text: str) -> web.Response:
    page = _html(message_page(*_WHY.get(status, (heading, text))))
    page.set_status(status)
    return page
