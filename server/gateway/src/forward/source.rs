//! Where an answer's bytes come from.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::Body;
use integrations::{sandbox, upstream};

use crate::pieces::Pieces;

/// The body of a provider's answer.
pub(crate) enum Source {
    Http(upstream::Body),
    Sandbox(sandbox::Body),
}

/// The body broke off before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BrokeOff;

/// Why a body could not be taken whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotWhole {
    BrokeOff,
    TooLarge,
    TooSlow,
}

impl Source {
    /// The next bytes.
    pub(crate) fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokeOff>>> {
        loop {
            let frame = match self {
                Self::Http(body) => ready!(Pin::new(body).poll_frame(context)).map(|frame| frame.map_err(|_| BrokeOff)),
                Self::Sandbox(body) => {
                    ready!(Pin::new(body).poll_frame(context)).map(|frame| frame.map_err(|_| BrokeOff))
                }
            };
            match frame.map(|frame| frame.map(http_body::Frame::into_data)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(Ok(data))) => return Poll::Ready(Some(Ok(data))),
                // Trailers, which nobody waits for.
                Some(Ok(Err(_))) => {}
            }
        }
    }

    /// All of it, if it is not larger than `most` and never pauses longer than `pause`.
    /// `on_first` is called when its first byte is here.
    pub(super) async fn whole(
        mut self,
        most: usize,
        pause: Duration,
        mut on_first: impl FnMut(),
    ) -> Result<Bytes, NotWhole> {
        let mut pieces = Pieces::new(None);
        loop {
            let next = std::future::poll_fn(|context| self.poll_data(context));
            let Some(piece) = tokio::time::timeout(pause, next).await.map_err(|_| NotWhole::TooSlow)? else {
                return Ok(pieces.join());
            };
            let piece = piece.map_err(|BrokeOff| NotWhole::BrokeOff)?;
            if pieces.len() == 0 {
                on_first();
            }
            pieces.push(piece);
            if pieces.len() > most {
                return Err(NotWhole::TooLarge);
            }
        }
    }
}
