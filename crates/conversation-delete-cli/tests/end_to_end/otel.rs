//! The export of spans, to a collector that takes them over HTTP/2.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conversation_delete_fake::{Role, Vendor};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::support::{Run, World};

/// The path and the body of each request.
type Requests = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A collector that keeps what it gets.
struct Collector {
    address: SocketAddr,
    requests: Requests,
    _runtime: Runtime,
}

impl Collector {
    /// One that answers, or one that takes connections and never answers.
    fn start(answers: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Requests::default();
        let kept = Arc::clone(&requests);
        runtime.spawn(async move {
            let mut silent = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                match answers {
                    true => drop(tokio::spawn(serve(stream, Arc::clone(&kept)))),
                    false => silent.push(stream),
                }
            }
        });
        Self { address, requests, _runtime: runtime }
    }

    fn delete(&self, world: &World, id: &str) -> Run {
        let mut command = world.command(Role::Full);
        command.args(["delete", "tavus", "--hard", "--yes", "--output", "json", id]);
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{}", self.address));
        world.run(&mut command, "")
    }
}

async fn serve(stream: TcpStream, kept: Requests) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let kept = Arc::clone(&kept);
        tokio::spawn(async move {
            let path = request.uri().path().to_owned();
            let (mut stream, mut body) = (request.into_body(), Vec::new());
            while let Some(Ok(part)) = stream.data().await {
                body.extend_from_slice(&part);
                stream.flow_control().release_capacity(part.len()).unwrap();
            }
            kept.lock().unwrap().push((path, body));
            let head = http::Response::builder().header("content-type", "application/grpc").body(()).unwrap();
            let mut send = respond.send_response(head, false).unwrap();
            // An empty message, and success.
            send.send_data(vec![0; 5].into(), false).unwrap();
            let trailers =
                http::HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), "0".parse().unwrap())]);
            send.send_trailers(trailers).unwrap();
        });
    }
}

#[test]
fn the_spans_of_calls_and_attempts_are_exported_before_the_end() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let collector = Collector::start(true);
    let run = collector.delete(&world, &ids[0]);
    assert_eq!((run.code, run.stderr.contains("warning")), (Some(0), false), "{run:?}");
    let requests = collector.requests.lock().unwrap();
    assert!(!requests.is_empty());
    assert!(requests.iter().all(|(path, _)| path == "/opentelemetry.proto.collector.trace.v1.TraceService/Export"));
    let sent: String = requests.iter().map(|(_, body)| String::from_utf8_lossy(body)).collect();
    for part in ["conversation-delete", "call", "attempt", "tavus", "http.request.method", "DELETE", "url.template"] {
        assert!(sent.contains(part), "{part}: {sent}");
    }
    assert!(!sent.contains(&ids[0]), "an id is not a part of a span");
    assert!(world.secrets().iter().all(|secret| !sent.contains(secret.as_str())));
}

#[test]
fn a_collector_that_does_not_answer_or_is_not_there_changes_nothing() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let begun = Instant::now();
    let silent = Collector::start(false).delete(&world, &ids[0]);
    assert_eq!(silent.code, Some(0), "{silent:?}");
    silent.has_summary(&[("deleted", 1)]);
    let absent = Collector { address: "127.0.0.1:9".parse().unwrap(), ..Collector::start(false) };
    let absent = absent.delete(&world, &ids[1]);
    assert_eq!(absent.code, Some(0), "{absent:?}");
    absent.has_summary(&[("deleted", 1)]);
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}
