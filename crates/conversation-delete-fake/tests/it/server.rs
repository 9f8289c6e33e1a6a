//! The server: routes, connections, and that it says the same as the plain function.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::time::UNIX_EPOCH;

use conversation_delete_fake::{Fake, FakeRequest, Fakes, RecordState, Role, Seed, Vendor};

use crate::client::{ask, call, connect, exchange, record_path, start};

#[test]
fn an_unknown_route_is_501_and_never_404() {
    for &vendor in Vendor::ALL {
        let fake = start(vendor);
        let collection = record_path(&fake, "");
        let trailing_slash = format!("{}/", record_path(&fake, "x"));
        for target in ["/", "/nope", "/v1", "/v2/", "/v2/v2/conversations/c1", "/__fak", &collection, &trailing_slash] {
            for method in ["DELETE", "GET", "POST", "PATCH"] {
                if (vendor, method, target) == (Vendor::Corti, "GET", collection.as_str()) {
                    continue; // The list.
                }
                let answer = call(&fake, method, target);
                assert_eq!(answer.status, 501, "{method} {target}");
                assert!(answer.json()["error"].as_str().unwrap().contains(method));
            }
        }
    }
}

#[test]
fn a_known_path_with_another_method_is_405_with_allow() {
    for vendor in [Vendor::Corti, Vendor::ElevenLabs, Vendor::Tavus] {
        let fake = start(vendor);
        for method in ["PUT", "PATCH", "OPTIONS", "TRACE", "QUERY"] {
            let answer = call(&fake, method, &record_path(&fake, "x"));
            assert_eq!((answer.status, answer.header("allow")), (405, Some("DELETE")), "{vendor:?} {method}");
        }
    }
}

#[test]
fn many_requests_share_a_connection() {
    let fake = start(Vendor::Tavus);
    fake.set_option("date_header", "missing").unwrap();
    let ids = fake.seed(3);
    let mut stream = connect(&fake);
    let key = fake.key(Role::Full);
    // All at once: the answers come in order.
    for id in &ids {
        let head =
            format!("DELETE /v2/conversations/{id}?hard=true HTTP/1.1\r\nhost: fake\r\nx-api-key: {key}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
    }
    let expected = "HTTP/1.1 204 No Content\r\n\r\n".repeat(3);
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8(answer).unwrap(), expected);
    assert_eq!(fake.stats().requests, 3);
}

#[test]
fn bodies_come_by_length_chunked_or_after_a_continue() {
    let fake = start(Vendor::Fini);
    let ids = fake.seed(2);
    let auth = format!("authorization: Bearer {}\r\ncontent-type: application/json", fake.key(Role::Full));
    let (first, second) = (format!("{{\"ids\":[\"{}\"]}}", ids[0]), format!("{{\"ids\":[\"{}\"]}}", ids[1]));
    let head = |rest: &str| {
        format!("DELETE /v2/hc-interactions/public HTTP/1.1\r\n{auth}\r\nconnection: close\r\n{rest}\r\n\r\n")
    };

    let (start_of_body, end_of_body) = first.split_at(7);
    let chunks = format!("7\r\n{start_of_body}\r\n{:x}\r\n{end_of_body}\r\n0\r\n\r\n", end_of_body.len());
    let chunked = exchange(&fake, format!("{}{chunks}", head("transfer-encoding: chunked")).as_bytes()).unwrap();
    assert!(chunked.starts_with(b"HTTP/1.1 200"));

    let mut stream = connect(&fake);
    let expects = head(&format!("expect: 100-continue\r\ncontent-length: {}", second.len()));
    stream.write_all(expects.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"));
}

#[test]
fn nonsense_is_400_and_a_hang_up_is_nothing() {
    let fake = start(Vendor::Tavus);
    assert!(exchange(&fake, b"\x16\x03\x01 is TLS\r\n\r\n").unwrap().starts_with(b"HTTP/1.1 400"));
    drop(connect(&fake));
    connect(&fake).write_all(b"DELETE /v2/conv").unwrap();
    assert_eq!(call(&fake, "DELETE", "/v2/conversations/c1").status, 400);
    assert_eq!(fake.stats().requests, 1);
}

#[test]
fn the_socket_and_the_plain_function_say_the_same() {
    for &vendor in Vendor::ALL {
        let (served, plain) = (start(vendor), Fake::in_process(vendor));
        let seed = Seed::count(1).created_at(UNIX_EPOCH);
        plain.seed_with(seed.clone());
        let id = served.seed_with(seed).remove(0);
        for (method, id) in [("GET", id.as_str()), ("DELETE", &id), ("DELETE", &id), ("GET", &id), ("DELETE", "x y")] {
            let target = record_path(&served, &id.replace(' ', "%20"));
            let key = plain.key(Role::Full);
            let name = match vendor {
                Vendor::Corti | Vendor::Fini => "authorization",
                Vendor::ElevenLabs => "xi-api-key",
                _ => "x-api-key",
            };
            let value = if name == "authorization" { format!("Bearer {key}") } else { key };
            let request =
                FakeRequest::new(method, &*target).with_header(name, &value).with_header("tenant-name", "base");
            let over_socket = ask(method, &target).header(name, value).header("tenant-name", "base").send(&served);
            let reply = plain.handle(request);
            assert_eq!(over_socket.status, reply.status());
            assert_eq!(over_socket.body.as_bytes(), reply.body());
            assert!(reply.headers().all(|(name, value)| over_socket.header(name) == Some(value)));
        }
        assert_eq!(served.records(), plain.records());
    }
}

#[test]
fn no_handle_shows_a_key_a_token_or_a_body() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    let key = fake.key(Role::Full);
    let request = FakeRequest::new("GET", format!("/v2/conversations/{id}")).with_header("x-api-key", &key);
    let reply = fake.handle(request.clone()).with_header("x-echo", key.clone());
    let (transport, requests) = (fake.transport(), fake.requests());
    assert!(String::from_utf8_lossy(reply.body()).contains(&id));
    assert_eq!(format!("{reply:?}"), format!("200 ({} bytes of body, Whole)", reply.body().len()));
    let shown = format!("{fake:?} {transport:?} {request:?} {requests:?} {reply:?}");
    assert!(shown.contains("Tavus") && !shown.contains(&key), "{shown}");
}

#[test]
fn after_stop_nothing_is_accepted_or_handled_on_any_runtime() {
    let current_thread = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let multi_thread = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for runtime in [current_thread, multi_thread] {
        let mut fake = runtime.block_on(Fake::start(Vendor::Tavus)).unwrap();
        let id = fake.seed(1).remove(0);
        let key = fake.key(Role::Full);
        let delete = format!("DELETE /v2/conversations/{id} HTTP/1.1\r\nx-api-key: {key}\r\n\r\n");
        let mut known = connect(&fake);
        known.write_all(b"GET /v2/conversations HTTP/1.1\r\n\r\n").unwrap();
        while fake.requests().is_empty() {
            runtime.block_on(tokio::task::yield_now());
        }
        let mut waiting = connect(&fake);
        let address = fake.origin().unwrap().replace("http://", "");
        fake.stop();
        assert!(TcpStream::connect(address).is_err());
        for stream in [&mut known, &mut waiting] {
            // Either may fail: the other end is closed already.
            let _ = stream.write_all(delete.as_bytes());
        }
        for _ in 0..100 {
            runtime.block_on(tokio::task::yield_now());
        }
        for stream in [&mut known, &mut waiting] {
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest);
            assert!(!String::from_utf8_lossy(&rest).contains(" 204 "));
        }
        assert_eq!((fake.origin(), fake.requests().len(), fake.records().len()), (None, 1, 1));
        assert_eq!(fake.state_of(&id), Some(RecordState::Present));
    }
}

#[test]
fn the_environment_points_at_every_fake() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fakes = runtime.block_on(Fakes::start()).unwrap();
    let names: Vec<String> = fakes.env().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "CORTI_ENVIRONMENT",
            "CORTI_TENANT_NAME",
            "CORTI_CLIENT_ID",
            "CORTI_CLIENT_SECRET",
            "CORTI_BASE_URL",
            "CORTI_AUTH_URL",
            "FINI_API_KEY",
            "FINI_BASE_URL",
            "ELEVENLABS_API_KEY",
            "ELEVENLABS_BASE_URL",
            "TAVUS_API_KEY",
            "TAVUS_BASE_URL",
        ]
    );
    let lines = fakes.env_lines();
    assert!(lines.contains(&format!("CORTI_BASE_URL={}/v2\n", fakes.corti.origin().unwrap())));
    assert!(lines.contains(&format!("TAVUS_BASE_URL={}\n", fakes.tavus.origin().unwrap())));
    assert!(Vendor::ALL.iter().zip(fakes.iter()).all(|(vendor, fake)| fake.vendor() == *vendor));
}

#[test]
fn the_fakes_take_consecutive_ports_of_an_address_and_say_which_is_in_use() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let any = IpAddr::from(Ipv4Addr::UNSPECIFIED);
    let (fakes, first) = runtime.block_on(async {
        for first in (20_000..60_000).step_by(4) {
            if let Ok(fakes) = Fakes::start_on(any, first).await {
                return (fakes, first);
            }
        }
        panic!("no four free ports");
    });
    for (fake, port) in fakes.iter().zip(first..) {
        // Served on all addresses, named by the one that every client on this machine reaches.
        assert_eq!(fake.origin(), Some(format!("http://127.0.0.1:{port}")));
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    }
    let error = runtime.block_on(Fakes::start_on(Ipv4Addr::LOCALHOST.into(), first)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&format!("127.0.0.1:{first} (corti): ")), "{error}");
    let error = runtime.block_on(Fake::start_on(Vendor::Tavus, (Ipv4Addr::new(192, 0, 2, 1), 0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrNotAvailable);
}

#[test]
fn the_last_fake_needs_a_port_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let error = runtime.block_on(Fakes::start_on(Ipv4Addr::LOCALHOST.into(), u16::MAX)).unwrap_err();
    let is_in_use = error.kind() == ErrorKind::AddrInUse; // By another program, on the last port there is.
    assert!(is_in_use || error.to_string() == "no port is left for fini", "{error}");
}

#[test]
fn the_crate_turns_on_no_tls_for_those_who_test_with_it() {
    let manifest = include_str!("../../Cargo.toml");
    let core = manifest.lines().find(|line| line.starts_with("delete-core")).unwrap();
    assert_eq!(core, "delete-core.workspace = true");
    let workspace = include_str!("../../../../Cargo.toml");
    let core = workspace.lines().find(|line| line.starts_with("delete-core")).unwrap();
    assert!(core.contains("default-features = false") && !core.contains(" features"), "{core}");
}
