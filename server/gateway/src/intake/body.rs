//! Reading a request's body within its bound.

use std::time::Duration;

use bytes::Bytes;
use domain::ErrorCode;
use http::{HeaderMap, StatusCode, header};
use http_body::Body;
use http_body_util::BodyExt;

use crate::{pieces::Pieces, respond::Refusal};

/// What `Content-Length` says, if it says anything.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads the whole body, refusing it as soon as it is known to be too large, or when the client
/// pauses for longer than `pause`: bodies that never end would take all memory.
pub(crate) async fn read_body<B>(
    mut body: B,
    announced: Option<u64>,
    most: usize,
    pause: Duration,
) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes> + Unpin,
{
    let too_large = || {
        let message = format!("The body is larger than the {most} bytes that this installation takes.");
        Refusal::new(ErrorCode::RequestTooLarge, message)
    };
    if announced.is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let mut pieces = Pieces::new(announced);
    let too_slow = |_| {
        let refusal = Refusal::new(ErrorCode::InvalidRequest, "The body paused for too long.");
        refusal.with_status(StatusCode::REQUEST_TIMEOUT, None)
    };
    while let Some(frame) = tokio::time::timeout(pause, body.frame()).await.map_err(too_slow)? {
        let frame =
            frame.map_err(|_| Refusal::new(ErrorCode::InvalidRequest, "The body ended before it was whole."))?;
        let Ok(piece) = frame.into_data() else { continue };
        pieces.push(piece);
        if pieces.len() > most {
            return Err(too_large());
        }
    }
    Ok(pieces.join())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body::Frame;
    use http_body_util::StreamBody;

    async fn read(pieces: &[&'static str], announced: Option<u64>, most: usize) -> Result<Bytes, ErrorCode> {
        let frames: Vec<Result<_, std::convert::Infallible>> =
            pieces.iter().map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))).collect();
        let body = StreamBody::new(futures_util::stream::iter(frames));
        read_body(body, announced, most, Duration::from_secs(5)).await.map_err(|refusal| refusal.code())
    }

    #[tokio::test]
    async fn the_bound_is_exact_however_the_body_comes() {
        assert_eq!(read(&["abc", "de", "f"], None, 6).await.unwrap(), "abcdef");
        assert_eq!(read(&["abcdef"], Some(6), 6).await.unwrap(), "abcdef");
        assert_eq!(read(&[], None, 6).await.unwrap(), "");
        for (pieces, announced) in [(&["abc", "defg"][..], None), (&["abcdefg"], None), (&[], Some(7))] {
            assert_eq!(read(pieces, announced, 6).await, Err(ErrorCode::RequestTooLarge));
        }
    }
}
