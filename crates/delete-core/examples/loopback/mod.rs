//! A server on loopback, instead of a vendor.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Responds to requests without a body by a function of the request line. Returns its URL and a count of connections.
pub(crate) async fn start(respond: fn(&str) -> &'static str) -> io::Result<(String, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(serve(stream, respond));
        }
    });
    Ok((url, connections))
}

async fn serve(mut stream: TcpStream, respond: fn(&str) -> &'static str) -> io::Result<()> {
    let mut head = Vec::new();
    while stream.read_buf(&mut head).await? > 0 {
        if head.ends_with(b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&head).into_owned();
            stream.write_all(respond(text.lines().next().unwrap_or_default()).as_bytes()).await?;
            head.clear();
        }
    }
    Ok(())
}
