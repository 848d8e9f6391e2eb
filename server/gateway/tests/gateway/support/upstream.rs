//! An upstream on a socket that does what a test says, byte for byte.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the upstream does after it has read a request.
#[derive(Debug, Clone)]
pub enum Step {
    Write(Vec<u8>),
    Sleep(Duration),
}

pub struct Upstream {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    closed: Arc<Mutex<usize>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A whole JSON answer.
pub fn answer(status: &str, headers: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n");
    vec![Step::Write([head.as_bytes(), body.as_bytes()].concat())]
}

/// The head of a stream, and each piece as a chunk.
pub fn stream(pieces: &[&str]) -> Vec<Step> {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut steps = vec![Step::Write(head.into())];
    steps.extend(pieces.iter().map(|piece| Step::Write(format!("{:x}\r\n{piece}\r\n", piece.len()).into())));
    steps
}

/// The end of a stream.
pub fn end() -> Step {
    Step::Write(b"0\r\n\r\n".to_vec())
}

pub fn delta(text: &str) -> String {
    format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n")
}

impl Upstream {
    /// Serves `script` for each request, after which the connection is closed.
    pub async fn start(script: impl Fn(&str) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, closed) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (script, seen, hung_up) = (Arc::new(script), requests.clone(), closed.clone());
        let task = tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let (script, seen, hung_up) = (script.clone(), seen.clone(), hung_up.clone());
                tokio::spawn(async move {
                    let Some(request) = read_request(&mut socket).await else { return };
                    let steps = script(&request);
                    seen.lock().unwrap().push(request);
                    for step in steps {
                        let done = match step {
                            Step::Write(bytes) => socket.write_all(&bytes).await.is_ok(),
                            Step::Sleep(time) => tokio::time::timeout(time, socket.read_u8()).await.is_err(),
                        };
                        if !done {
                            *hung_up.lock().unwrap() += 1;
                            return;
                        }
                    }
                    let _ = socket.shutdown().await;
                });
            }
        });
        Self { address, requests, closed, task }
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The requests so far: head and body as they came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// How many times the gateway left before the script was over.
    pub fn hang_ups(&self) -> usize {
        *self.closed.lock().unwrap()
    }
}

async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 65536];
        let read = socket.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Some(text);
        }
    }
}
