//! HTTP/2 servers that are busy, restart or hang: frames made by hand over TLS on loopback.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Client, acceptor, authority};
use delete_core::vendor_kit::ClientOptions;
use delete_core::{Delivery, ErrorKind, Outcome, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the server does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Answers204,
    Answers404,
    /// `REFUSED_STREAM`: not processed.
    Refuses,
    /// `CANCEL`: it may have been processed.
    Cancels,
    /// `GOAWAY` whose last stream is below this one: not processed.
    GoesAwayBefore,
    /// `GOAWAY` that includes this stream, and then the end of the connection.
    GoesAwayAfter,
    Hangs,
    /// Reads nothing any more, not even pings.
    FallsSilent,
    /// 204 with 150 headers.
    AnswersAtLength,
}

/// Each action, and the number of its connection.
type Done = Arc<Mutex<Vec<(usize, Does)>>>;

struct H2Server {
    port: u16,
    trusted: String,
    done: Done,
}

impl H2Server {
    async fn start(script: impl IntoIterator<Item = Does>) -> Self {
        let issuer = authority();
        let acceptor = acceptor(&issuer, "localhost", 2500, &["h2"]);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let done = Done::default();
        tokio::spawn(accept(listener, acceptor, script, done.clone()));
        Self { port, trusted: issuer.pem(), done }
    }

    fn client(&self, attempts: u32) -> Client {
        self.client_within(attempts, Duration::from_millis(500))
    }

    fn client_within(&self, attempts: u32, limit: Duration) -> Client {
        let mut options = ClientOptions::default();
        options.http = options.http.with_root_certificate_pem(self.trusted.clone());
        options.attempt_timeout = limit;
        options.retry = RetryPolicy::default().with_max_attempts(attempts);
        Client::with(options, &format!("https://localhost:{}", self.port)).unwrap()
    }

    fn done(&self) -> Vec<(usize, Does)> {
        self.done.lock().unwrap().clone()
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, script: Arc<Mutex<VecDeque<Does>>>, done: Done) {
    let mut number = 0;
    while let Ok((stream, _)) = listener.accept().await {
        let Ok(stream) = acceptor.accept(stream).await else { continue };
        tokio::spawn(serve(stream, number, script.clone(), done.clone()));
        number += 1;
    }
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const ACK: u8 = 1;
const END_STREAM_AND_HEADERS: u8 = 5;

async fn serve(
    mut stream: TlsStream<TcpStream>,
    connection: usize,
    script: Arc<Mutex<VecDeque<Does>>>,
    done: Done,
) -> Option<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.ok()?;
    send(&mut stream, SETTINGS, 0, 0, &[]).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await.ok()?;
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match kind {
            SETTINGS | PING if flags & ACK == 0 => {
                let echo = if kind == PING { &payload[..] } else { &[] };
                send(&mut stream, kind, ACK, 0, echo).await?;
            }
            HEADERS => {
                let does = script.lock().unwrap().pop_front()?;
                done.lock().unwrap().push((connection, does));
                act(&mut stream, does, id).await?;
            }
            _ => {}
        }
    }
}

/// Returns `None` if the connection ends.
async fn act(stream: &mut TlsStream<TcpStream>, does: Does, id: u32) -> Option<()> {
    // Of the static table of HPACK: `:status: 204` and `:status: 404`.
    let (no_content, not_found) = ([0x89], [0x8d]);
    let goaway = |last: u32| [last.to_be_bytes(), 0_u32.to_be_bytes()].concat();
    match does {
        Does::Answers204 => send(stream, HEADERS, END_STREAM_AND_HEADERS, id, &no_content).await,
        Does::Answers404 => send(stream, HEADERS, END_STREAM_AND_HEADERS, id, &not_found).await,
        Does::Refuses => send(stream, RST_STREAM, 0, id, &7_u32.to_be_bytes()).await,
        Does::Cancels => send(stream, RST_STREAM, 0, id, &8_u32.to_be_bytes()).await,
        Does::GoesAwayBefore => send(stream, GOAWAY, 0, 0, &goaway(id - 1)).await,
        Does::GoesAwayAfter => {
            send(stream, GOAWAY, 0, 0, &goaway(id)).await?;
            let _ = stream.shutdown().await;
            None
        }
        Does::Hangs => Some(()),
        Does::FallsSilent => std::future::pending().await,
        Does::AnswersAtLength => {
            // Literal fields without indexing, each with a new name.
            let field = |number: u8| [&[0, 6][..], format!("x-{number:04}").as_bytes(), &[1, b'y']].concat();
            let fields: Vec<u8> = (0..150).flat_map(field).collect();
            send(stream, HEADERS, END_STREAM_AND_HEADERS, id, &[&no_content[..], &fields].concat()).await
        }
    }
}

async fn send(stream: &mut TlsStream<TcpStream>, kind: u8, flags: u8, id: u32, payload: &[u8]) -> Option<()> {
    let length = &u32::try_from(payload.len()).unwrap().to_be_bytes()[1..];
    let frame = [length, &[kind, flags], &id.to_be_bytes(), payload].concat();
    stream.write_all(&frame).await.ok()?;
    stream.flush().await.ok()
}

#[tokio::test]
async fn a_request_that_the_server_did_not_process_is_sent_again_and_is_not_ambiguous() {
    for turned_away in [Does::Refuses, Does::GoesAwayBefore] {
        let server = H2Server::start([turned_away, Does::Answers404]).await;
        let error = server.client(4).delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotFound, Delivery::Answered), "{turned_away:?}");

        let server = H2Server::start([turned_away, Does::Answers204]).await;
        let deletion = server.client(4).delete().await.unwrap();
        let deliveries: Vec<_> = deletion.attempts().iter().map(|attempt| attempt.delivery()).collect();
        assert_eq!(deliveries, [Delivery::NotSent, Delivery::Answered], "{turned_away:?}");

        let server = H2Server::start([turned_away]).await;
        let error = server.client(1).delete().await.unwrap_err();
        assert!(!error.may_have_taken_effect() && error.is_retryable(), "{error:?}");
        assert!(error.to_string().contains("did not process") && !error.to_string().contains("nothing was sent"));
    }
}

#[tokio::test]
async fn a_request_that_may_have_been_processed_is_ambiguous() {
    for lost in [Does::Cancels, Does::GoesAwayAfter, Does::Hangs] {
        let server = H2Server::start([lost, Does::Answers404]).await;
        assert_eq!(server.client(4).delete().await.unwrap().outcome(), Outcome::Gone, "{lost:?}");
    }
}

#[tokio::test]
async fn a_connection_on_which_a_request_timed_out_is_not_used_again() {
    let server = H2Server::start([Does::Answers204, Does::Hangs, Does::Answers204, Does::Answers204]).await;
    let client = server.client(4);
    for _ in 0..3 {
        assert_eq!(client.delete().await.unwrap().outcome(), Outcome::Deleted);
    }
    let connections: Vec<_> = server.done().into_iter().map(|(connection, _)| connection).collect();
    assert_eq!(connections, [0, 0, 1, 1]);
}

#[tokio::test]
async fn a_connection_without_ping_responses_is_closed_long_before_the_time_limit() {
    let server = H2Server::start([Does::Answers204, Does::FallsSilent]).await;
    let client = server.client_within(1, Duration::from_secs(60));
    assert_eq!(client.delete().await.unwrap().outcome(), Outcome::Deleted);
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let error = client.delete().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::MaybeDelivered), "{error}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_response_with_too_many_headers_is_too_large_and_not_retried() {
    let server = H2Server::start([Does::AnswersAtLength, Does::Answers204]).await;
    let error = server.client(4).delete().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::MaybeDelivered));
    assert!(error.to_string().contains("too large") && error.attempts().len() == 1, "{error}");
}
