//! Taking a call in: which endpoint, what is asked.

mod body;
mod endpoint;
mod question;
mod splice;

pub(crate) use body::{content_length, read_body};
pub(crate) use endpoint::{Asked, endpoint_of};
pub(crate) use question::{OutputBound, Question, UsageChunk};
