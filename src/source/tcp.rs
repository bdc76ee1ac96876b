//! TCP: bytes of one connection after another, each framed like a file of its own.
//!
//! `listen` binds the loopback unless the address names another host, takes one peer at a time and, when it
//! leaves, the next: such a source ends when the job is stopped. `connect` tries for ten seconds and ends when
//! the peer closes. A connection that breaks is told; to a `connect` source it is an error, because what the
//! peer still meant to send is unknown.

use super::{READ_BYTES_MAX, ReadEvent};
use crate::error::JobError;
use crate::plan::TcpRole;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};

/// Time that a connection is tried for.
const CONNECT_PATIENCE_NS: i64 = 10_000_000_000;
/// Time between two tries.
const CONNECT_INTERVAL_NS: i64 = 100_000_000;
/// Peers that may wait for the one before them to leave.
const BACKLOG: i32 = 16;

/// Reads TCP connections.
pub struct TcpReader {
    // Fixed at construction.
    address: SocketAddr,
    // State.
    side: Side,
    connection: Option<TcpStream>,
    /// Connections begun.
    connections: u32,
    notice: Option<String>,
}

enum Side {
    Listen(TcpListener),
    Connect(Attempt),
    Ended,
}

/// A connection on its way.
struct Attempt {
    socket: Option<Socket>,
    first_ns: Option<i64>,
    next_ns: i64,
    last_error: String,
}

impl TcpReader {
    /// Binds or prepares to connect to `address`, which is `host:port` or a port of the loopback.
    ///
    /// # Errors
    /// `JobError::Io` when the address means nothing or cannot be bound.
    pub fn open(address: &str, role: TcpRole) -> Result<Self, JobError> {
        let resolved = resolve(address)?;
        let (side, notice) = match role {
            TcpRole::Listen => {
                let listener = listen(resolved).map_err(|error| JobError::Io {
                    what: format!("listening on {resolved}"),
                    hint: listen_hint(&error, resolved),
                    cause: error.to_string(),
                })?;
                let bound = listener.local_addr().unwrap_or(resolved);
                (
                    Side::Listen(listener),
                    Some(format!("listening on {bound}")),
                )
            }
            TcpRole::Connect => {
                let attempt = Attempt {
                    socket: None,
                    first_ns: None,
                    next_ns: i64::MIN,
                    last_error: String::new(),
                };
                (Side::Connect(attempt), None)
            }
        };
        Ok(Self {
            address: resolved,
            side,
            connection: None,
            connections: 0,
            notice,
        })
    }

    /// The address that is listened on (with the port the system chose for port 0) or connected to.
    pub fn address(&self) -> SocketAddr {
        match &self.side {
            Side::Listen(listener) => listener.local_addr().unwrap_or(self.address),
            Side::Connect(_) | Side::Ended => self.address,
        }
    }

    /// What connection `file` is called.
    pub fn connection_name(&self, file: u32) -> String {
        format!("tcp {} connection {file}", self.address())
    }

    /// See [`super::SourceReader::take_notice`].
    pub fn take_notice(&mut self) -> Option<String> {
        self.notice.take()
    }

    /// See [`super::SourceReader::poll`].
    ///
    /// # Errors
    /// `JobError::Io` when a connection cannot be had, or breaks.
    pub fn poll(&mut self, into: &mut [u8], now_wall_ns: i64) -> Result<ReadEvent, JobError> {
        if self.connection.is_some() {
            return self.read(into);
        }
        let address = self.address;
        let accepted = match &mut self.side {
            Side::Listen(listener) => accept(listener, address)?,
            Side::Connect(attempt) => attempt.step(address, now_wall_ns)?,
            Side::Ended => return Ok(ReadEvent::End),
        };
        let Some(stream) = accepted else {
            return Ok(ReadEvent::Pending);
        };
        self.notice = Some(match stream.peer_addr() {
            Ok(peer) => format!("connected with {peer}"),
            Err(_) => "connected".to_owned(),
        });
        self.connection = Some(stream);
        let file = self.connections;
        self.connections += 1;
        Ok(ReadEvent::BeginFile { file })
    }

    fn read(&mut self, into: &mut [u8]) -> Result<ReadEvent, JobError> {
        let len = into.len().min(READ_BYTES_MAX);
        let Some(stream) = &mut self.connection else {
            return Ok(ReadEvent::Pending);
        };
        if len == 0 {
            return Ok(ReadEvent::Pending);
        }
        let ending = match stream.read(&mut into[..len]) {
            Ok(0) => "peer closed the connection".to_owned(),
            Ok(bytes) => return Ok(ReadEvent::Bytes(bytes)),
            Err(error) if is_transient(&error) => return Ok(ReadEvent::Pending),
            Err(error) if matches!(self.side, Side::Listen(_)) => {
                format!("connection broke: {error}")
            }
            Err(error) => {
                return Err(JobError::Io {
                    what: format!("reading from {}", self.address),
                    cause: error.to_string(),
                    hint: None,
                });
            }
        };
        self.notice = Some(ending);
        self.connection = None;
        if matches!(self.side, Side::Connect(_)) {
            self.side = Side::Ended;
        }
        Ok(ReadEvent::EndFile)
    }
}

impl Attempt {
    fn step(&mut self, address: SocketAddr, now_ns: i64) -> Result<Option<TcpStream>, JobError> {
        let first_ns = *self.first_ns.get_or_insert(now_ns);
        let outcome = match self.socket.take() {
            Some(socket) => match is_connected(&socket) {
                Ok(true) => Ok(Some(socket)),
                Ok(false) => {
                    self.socket = Some(socket);
                    Ok(None)
                }
                Err(error) => Err(error),
            },
            None if now_ns < self.next_ns => return Ok(None),
            None => start(address).map(|socket| {
                self.socket = Some(socket);
                None
            }),
        };
        match outcome {
            Ok(Some(socket)) => return Ok(Some(socket.into())),
            Ok(None) => {}
            Err(error) => {
                self.last_error = error.to_string();
                self.next_ns = now_ns.saturating_add(CONNECT_INTERVAL_NS);
            }
        }
        if now_ns.saturating_sub(first_ns) < CONNECT_PATIENCE_NS {
            return Ok(None);
        }
        let cause = if self.last_error.is_empty() {
            "no answer".to_owned()
        } else {
            self.last_error.clone()
        };
        Err(JobError::Io {
            what: format!("connecting to {address} for 10 s"),
            cause,
            hint: Some(format!(
                "start the sender first, or try it by hand: nc -v {} {}",
                address.ip(),
                address.port()
            )),
        })
    }
}

fn start(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_nonblocking(true)?;
    match socket.connect(&address.into()) {
        Err(error)
            if error.kind() != io::ErrorKind::WouldBlock
                && error.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) =>
        {
            Err(error)
        }
        _ => Ok(socket),
    }
}

fn is_connected(socket: &Socket) -> io::Result<bool> {
    let mut asked = [PollFd::new(socket, PollFlags::OUT)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    if poll(&mut asked, Some(&now))? == 0 {
        return Ok(false);
    }
    match socket.take_error()? {
        Some(error) => Err(error),
        None => Ok(true),
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // A job started again at once must not wait for the old connections' TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

fn listen_hint(error: &io::Error, address: SocketAddr) -> Option<String> {
    match error.kind() {
        io::ErrorKind::AddrInUse => Some(format!(
            "see who has it: ss -ltnp 'sport = :{}'",
            address.port()
        )),
        io::ErrorKind::AddrNotAvailable => {
            Some("listen on an address of this host: ip -brief address".to_owned())
        }
        io::ErrorKind::PermissionDenied => Some("take a port above 1023".to_owned()),
        _ => None,
    }
}

fn accept(listener: &TcpListener, address: SocketAddr) -> Result<Option<TcpStream>, JobError> {
    let fail = |error: io::Error| JobError::Io {
        what: format!("accepting a connection on {address}"),
        cause: error.to_string(),
        hint: None,
    };
    match listener.accept() {
        Ok((stream, _)) => {
            stream.set_nonblocking(true).map_err(fail)?;
            Ok(Some(stream))
        }
        Err(error) if is_transient(&error) || error.kind() == io::ErrorKind::ConnectionAborted => {
            Ok(None)
        }
        Err(error) => Err(fail(error)),
    }
}

fn is_transient(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// `host:port`; `:port` and `port` mean the loopback.
fn resolve(address: &str) -> Result<SocketAddr, JobError> {
    let whole = match address.strip_prefix(':').unwrap_or(address) {
        port if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            format!("127.0.0.1:{port}")
        }
        _ => address.to_owned(),
    };
    let fail = |cause: String| JobError::Io {
        what: format!("resolving '{address}'"),
        cause,
        hint: Some("write host:port, for example 127.0.0.1:9000".to_owned()),
    };
    whole
        .to_socket_addrs()
        .map_err(|error| fail(error.to_string()))?
        .next()
        .ok_or_else(|| fail("it has no address".to_owned()))
}
