//! Just enough HTTP to look at a server of ours on loopback.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result};

/// What the client says it can read.
#[derive(Clone, Copy)]
pub(crate) enum Encoding {
    /// Nothing but the bytes themselves.
    Identity,
    /// What every current browser takes.
    Brotli,
}

/// An answer, its body as it came over the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Fetches one path. HTTP 1.0 keeps the answer whole: no chunks, the end is the end.
pub(crate) fn get(address: &str, path: &str, encoding: Encoding) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let accepted = match encoding {
        Encoding::Identity => "identity",
        Encoding::Brotli => "br",
    };
    let request = format!(
        "GET {path} HTTP/1.0\r\nHost: {address}\r\nAccept: text/html,*/*\r\n\
         Accept-Encoding: {accepted}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer).with_context(|| format!("{path}: the answer is not HTTP"))
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let end_of_head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end_of_head)?).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = answer.get(end_of_head + 4..)?.to_vec();
    Some(Answer { status, body })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn splits_head_and_body() {
        let answer = parse(b"HTTP/1.0 404 Not Found\r\nx: y\r\n\r\nbody").expect("valid");
        assert_eq!((answer.status, answer.body.as_slice()), (404, &b"body"[..]));
        assert!(parse(b"garbage").is_none());
    }
}
