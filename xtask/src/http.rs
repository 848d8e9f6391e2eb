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
    /// The name and value of the cookie that it sets, if it sets one.
    pub(crate) cookie: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Fetches one path, with the cookie if there is one.
pub(crate) fn get(address: &str, path: &str, encoding: Encoding, cookie: Option<&str>) -> Result<Answer> {
    let accepted = match encoding {
        Encoding::Identity => "identity",
        Encoding::Brotli => "br",
    };
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    let head = format!("GET {path} HTTP/1.0\r\nAccept: text/html,*/*\r\nAccept-Encoding: {accepted}\r\n{cookie}");
    exchange(address, &head, "").with_context(|| format!("{path} was not answered"))
}

/// Sends a form, as a page of that address would.
pub(crate) fn post(address: &str, path: &str, form: &str) -> Result<Answer> {
    let head = format!(
        "POST {path} HTTP/1.0\r\nAccept: application/json\r\nOrigin: http://{address}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        form.len()
    );
    exchange(address, &head, form).with_context(|| format!("{path} was not answered"))
}

/// Sends JSON, as a signed-in browser on a page of that address would.
pub(crate) fn post_json(address: &str, path: &str, cookie: &str, json: &str) -> Result<Answer> {
    let head = format!(
        "POST {path} HTTP/1.0\r\nAccept: application/json\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n",
        json.len()
    );
    exchange(address, &head, json).with_context(|| format!("{path} was not answered"))
}

/// HTTP 1.0 keeps the answer whole: no chunks, the end is the end.
fn exchange(address: &str, head: &str, body: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(format!("{head}Host: {address}\r\nConnection: close\r\n\r\n{body}").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer).context("the answer is not HTTP")
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let end_of_head = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end_of_head)?).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let set =
        head.lines().filter_map(|line| line.split_once(": ")).find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let cookie = set.and_then(|(_, value)| value.split(';').next()).map(str::to_owned);
    let body = answer.get(end_of_head + 4..)?.to_vec();
    Some(Answer { status, cookie, body })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn splits_head_and_body() {
        let answer = parse(b"HTTP/1.0 404 Not Found\r\nSet-Cookie: a=b; Path=/\r\n\r\nbody").expect("valid");
        assert_eq!((answer.status, answer.body.as_slice()), (404, &b"body"[..]));
        assert_eq!(answer.cookie.as_deref(), Some("a=b"));
        assert!(parse(b"garbage").is_none());
    }
}
